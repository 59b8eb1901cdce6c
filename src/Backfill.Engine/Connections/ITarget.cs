using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Purge;
using Backfill.Engine.Reports;
using Backfill.Engine.Rollback;
using Backfill.Engine.Soak;

namespace Backfill.Engine.Connections;

/// <summary>Everything a phase may ask of one target. Implemented by <see cref="SupabaseTarget"/>.</summary>
internal interface ITarget : IAsyncDisposable
{
    /// <summary>The runs of this target.</summary>
    IRunLedger Ledger { get; }

    /// <summary>What was done in a run, read for views and reports.</summary>
    IRunReader Runs { get; }

    /// <summary>What reports show beside that.</summary>
    IReportReader Reports { get; }

    /// <summary>Undoes what runs did.</summary>
    IRollbackStore Rollbacks { get; }

    /// <summary>The target's edge functions.</summary>
    IFunctionCaller Functions { get; }

    /// <summary>How attempts at one call are repeated.</summary>
    IAttemptPolicy Attempts { get; }

    /// <summary>Finds what completed sessions lack; needs no ledger.</summary>
    IHealthProbe Health { get; }

    /// <summary>Looks at the target for a soak.</summary>
    ISoakProbe SoakProbe { get; }

    /// <summary>The ledger's soaks.</summary>
    ISoakStore Soaks { get; }

    /// <summary>Decisions between the phases.</summary>
    IGateStore Gates { get; }

    /// <summary>Reads the target's signs of health for runs.</summary>
    GuardStore Guard { get; }

    /// <summary>Removes runs that have ended.</summary>
    IPurgeStore Purges { get; }

    /// <summary>Draws charts for reports.</summary>
    IChartWriter Charts { get; }

    /// <summary>Installs, upgrades or adopts the ledger. Without <paramref name="adopt"/>, the same call again changes nothing.</summary>
    /// <param name="environment">The label it gets; an installed ledger with another label is refused.</param>
    /// <param name="adopt">Whether a copied ledger takes the place it lies in; one in its own place is refused then.</param>
    /// <param name="sandbox">Whether to mark the target as a sandbox.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The target with its ledger.</returns>
    Task<TargetIdentity> InstallLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken);
}
