using Backfill.Sandbox.Functions;

namespace Backfill.Sandbox.Faults;

/// <summary>The faults that are set, in the order in which they were. The first one that hits a call is the only one.</summary>
internal sealed class FaultBoard(int seed)
{
    private readonly Lock _gate = new();
    private volatile Fault[] _faults = [];
    private long _lastId;
    private int _places;

    public Fault Add(FaultOrder order)
    {
        lock (_gate)
        {
            var fault = new Fault(++_lastId, _places++, order, seed);
            _faults = [.. _faults, fault];
            return fault;
        }
    }

    /// <summary>The fault that this call meets; null: none.</summary>
    public Fault? Meet(string function, FunctionRequest request)
    {
        if (_faults.Length == 0) return null;

        lock (_gate)
            return Array.Find(_faults, fault => fault.Hits(function, request));
    }

    /// <summary>Whether a fault is set that makes the API unreachable.</summary>
    public bool IsUnreachable => Array.Exists(_faults, fault => fault.Order.Kind == FaultKind.Unreachable);

    /// <summary>Each with how often it has fired.</summary>
    public T[] Read<T>(Func<Fault, T> look)
    {
        lock (_gate)
            return [.. _faults.Select(look)];
    }

    /// <summary>Removes one.</summary>
    /// <returns>How many were removed.</returns>
    public int Remove(long id) => Remove(fault => fault.Id == id);

    /// <summary>Removes those that are health signals of the database.</summary>
    /// <returns>How many were removed.</returns>
    public int RemoveSignals() => Remove(fault => fault.Order.Kind.IsSignal());

    /// <summary>Removes all. The next ones fall as the first ones did.</summary>
    /// <returns>How many were removed.</returns>
    public int Clear()
    {
        lock (_gate)
        {
            var before = _faults.Length;
            (_faults, _places) = ([], 0);
            return before;
        }
    }

    private int Remove(Func<Fault, bool> isMeant)
    {
        lock (_gate)
        {
            var before = _faults.Length;
            _faults = [.. _faults.Where(fault => !isMeant(fault))];
            return before - _faults.Length;
        }
    }
}
