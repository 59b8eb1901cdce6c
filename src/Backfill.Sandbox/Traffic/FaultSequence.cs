namespace Backfill.Sandbox.Traffic;

/// <summary>
/// Which fault the next session has: smooth weighted round-robin. Of N sessions, exactly N × share have a fault where
/// that is a whole number for every fault, and never as many as one more where it is not.
/// </summary>
internal sealed class FaultSequence
{
    private readonly (TrafficFault Fault, decimal Share)[] _shares;
    private readonly decimal[] _due;

    public FaultSequence(TrafficOrder order)
    {
        _shares = [(TrafficFault.None, 1 - order.Shares.Sum(share => share.Share)), .. order.Shares];
        _due = new decimal[_shares.Length];
    }

    public TrafficFault Next()
    {
        var first = 0;
        for (var i = 0; i < _due.Length; i++)
        {
            _due[i] += _shares[i].Share;
            if (_due[i] > _due[first]) first = i;
        }

        _due[first] -= 1;
        return _shares[first].Fault;
    }
}
