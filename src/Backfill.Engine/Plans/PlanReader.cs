using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Backfill.Engine.Plans.Json;
using Backfill.Engine.Plans.Rules;

namespace Backfill.Engine.Plans;

/// <summary>
/// Reads and checks plan files. What is wrong inside a file becomes problems, all of them at once; only a file that
/// cannot be read at all is an exception. Safe for use by several threads.
/// </summary>
public sealed class PlanReader
{
    /// <summary>How many bytes a plan may have if nothing else is said: 16 MiB.</summary>
    public const int DefaultSizeLimit = 16 * 1024 * 1024;

    private readonly KnownFunctions _known;
    private readonly int _sizeLimit;

    /// <summary>Makes a reader.</summary>
    /// <param name="known">What a plan need not explain; <see cref="KnownFunctions.Default"/> if null.</param>
    /// <param name="sizeLimit">How many bytes a plan may have.</param>
    public PlanReader(KnownFunctions? known = null, int sizeLimit = DefaultSizeLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizeLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeLimit, Array.MaxLength - 1);
        _known = known ?? KnownFunctions.Default;
        _sizeLimit = sizeLimit;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; a relative path starts at the process's folder, not PowerShell's.</param>
    /// <returns>The plan or its errors.</returns>
    /// <exception cref="PlanException">
    /// <see cref="PlanCodes.NotFound"/>, <see cref="PlanCodes.Unreadable"/> or <see cref="PlanCodes.TooLarge"/>.
    /// </exception>
    public PlanReading Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var full = PlanFile.FullPath(path);
        return Check(PlanFile.Load(full, _sizeLimit), full);
    }

    /// <summary>Reads a stream to its end, or to the size limit.</summary>
    /// <param name="stream">The stream; stays open.</param>
    /// <param name="path">What to call it.</param>
    /// <returns>The plan or its errors.</returns>
    /// <exception cref="PlanException"><see cref="PlanCodes.Unreadable"/> or <see cref="PlanCodes.TooLarge"/>.</exception>
    public PlanReading Read(Stream stream, string path)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(path);
        return Check(PlanFile.Load(stream, path, _sizeLimit), path);
    }

    /// <summary>Reads bytes that are there already.</summary>
    /// <param name="bytes">A file's content.</param>
    /// <param name="path">What to call it.</param>
    /// <returns>The plan or its errors.</returns>
    /// <exception cref="PlanException"><see cref="PlanCodes.TooLarge"/>.</exception>
    public PlanReading Read(ReadOnlyMemory<byte> bytes, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return bytes.Length > _sizeLimit ? throw PlanFile.TooLarge(path, _sizeLimit) : Check(bytes, path);
    }

    /// <summary>Reads a plan back from <see cref="BackfillPlan.GetDocument"/>, as the ledger keeps it; the hash is the same.</summary>
    /// <param name="document">The text.</param>
    /// <param name="path">What to call it.</param>
    /// <returns>The plan or its errors.</returns>
    /// <exception cref="PlanException"><see cref="PlanCodes.TooLarge"/>.</exception>
    public PlanReading ReadDocument(string document, string path)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Read(Encoding.UTF8.GetBytes(document), path);
    }

    private PlanReading Check(ReadOnlyMemory<byte> bytes, string path)
    {
        var body = bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        var problems = new PlanProblems(body);
        var root = Parse(body.Span, problems);
        var draft = root is null ? null : PlanRules.Apply(root, _known, problems);
        var found = problems.ToList();
        if (draft is null || problems.HasErrors)
            return new(path, null, found);
        var plan = draft with
        {
            Hash = Convert.ToHexStringLower(SHA256.HashData(bytes.Span)),
            Path = path,
            Warnings = found,
        };
        return new(path, plan.WithDocument(Encoding.UTF8.GetString(bytes.Span)), found);
    }

    internal static PlanNode? Parse(ReadOnlySpan<byte> body, PlanProblems problems)
    {
        if (body.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            problems.ErrorAt(PlanCodes.Empty, 0, "", "The file is empty. Write a plan into it, or give another path.");
            return null;
        }

        if (!Utf8.IsValid(body))
        {
            // UTF-16 with a byte-order mark is never valid UTF-8, so it ends here and gets its own words.
            problems.ErrorAt(PlanCodes.NotUtf8, ValidLength(body), "", IsUtf16(body)
                ? "The file is UTF-16. Save it as UTF-8."
                : "The file is not UTF-8 from here on. Save it as UTF-8.");
            return null;
        }

        if (body.Contains((byte)0))
        {
            problems.ErrorAt(
                PlanCodes.NotUtf8, body.IndexOf((byte)0), "", "The file has a zero byte: it is no text, or UTF-16. Save it as UTF-8.");
            return null;
        }

        return PlanParser.Parse(body, problems);
    }

    private static bool IsUtf16(ReadOnlySpan<byte> body) =>
        body is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];

    private static int ValidLength(ReadOnlySpan<byte> body)
    {
        var valid = 0;
        while (Rune.DecodeFromUtf8(body[valid..], out _, out var length) == System.Buffers.OperationStatus.Done)
            valid += length;
        return valid;
    }
}
