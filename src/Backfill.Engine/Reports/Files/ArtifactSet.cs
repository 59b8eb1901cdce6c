using System.Globalization;

namespace Backfill.Engine.Reports.Files;

/// <summary>The files that a phase ends with. One that can't be written keeps none of the others from being written.</summary>
internal sealed class ArtifactSet
{
    /// <summary>A run of many batches has a file for each; nobody reads a list of them all.</summary>
    private const int Named = 3;

    private readonly List<string> _written = [];
    private readonly List<(string Path, BackfillException? Failure)> _unwritten = [];

    public IReadOnlyList<string> Written => _written;

    /// <summary>Writes one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes it, and says where it lies.</param>
    /// <returns>Where it lies; null where it could not be written, which <see cref="Failure"/> tells of.</returns>
    public async Task<string?> TryAsync(string path, Func<Task<string>> write)
    {
        // Each of the others would be waited for as long, in vain.
        if (_unwritten.Exists(u => u.Failure is { Kind: BackfillErrorKind.Unreachable }))
        {
            _unwritten.Add((path, null));
            return null;
        }

        try
        {
            var written = await write().ConfigureAwait(false);
            _written.Add(written);
            return written;
        }
        catch (BackfillException e)
        {
            _unwritten.Add((path, e));
            return null;
        }
    }

    /// <summary>All that was not written, as one error; null where everything was.</summary>
    /// <param name="whose">Whose files they are, in words.</param>
    /// <param name="target">The same, as an object.</param>
    /// <param name="next">What to do once the cause is gone.</param>
    public BackfillException? Failure(string whose, object target, string next)
    {
        var failures = _unwritten.Select(u => u.Failure).OfType<BackfillException>().ToList();
        if (failures.Count == 0)
            return null;
        var codes = failures.Select(f => f.Code).Distinct(StringComparer.Ordinal).ToList();
        var count = string.Create(CultureInfo.InvariantCulture, $"{_unwritten.Count} of {_unwritten.Count + _written.Count}");
        return new(
            codes is [var code] ? code : "ArtifactsNotWritten",
            failures[0].Kind,
            $"{count} files of {whose} could not be written: {string.Join(" ", Causes())} {next}",
            target,
            failures is [var one] ? one : new AggregateException(failures));
    }

    /// <summary>Each cause once, with the files that it concerns.</summary>
    private IEnumerable<string> Causes()
    {
        foreach (var cause in _unwritten.GroupBy(u => u.Failure is FileNotWrittenException f ? $"{f.Words}. {f.Remedy}" : u.Failure?.Message))
        {
            var paths = string.Join(", ", cause.Take(Named).Select(u => $"'{u.Path}'"));
            if (cause.Count() > Named)
                paths += string.Create(CultureInfo.InvariantCulture, $" and {cause.Count() - Named} more");
            yield return cause.Key is null ? $"Not tried after that: {paths}." : $"{paths}: {cause.Key}";
        }
    }
}
