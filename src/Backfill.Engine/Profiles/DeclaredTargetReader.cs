using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Backfill.Engine.Plans;
using Backfill.Engine.Plans.Json;
using Backfill.Engine.Plans.Rules;

namespace Backfill.Engine.Profiles;

/// <summary>Reads a profile file. What is wrong in it is told with its pointer and line, all at once, as a plan's problems are.</summary>
internal sealed class DeclaredTargetReader
{
    private const int SizeLimit = 64 * 1024;

    private readonly PlanProblems _problems;
    private readonly PlanFields _fields;

    private DeclaredTargetReader(PlanProblems problems)
    {
        _problems = problems;
        _fields = new(problems);
    }

    /// <param name="path">The file, a full path.</param>
    /// <exception cref="PlanException">The file can't be read, or <c>ProfileInvalid</c>.</exception>
    public static DeclaredTarget Read(string path)
    {
        var bytes = PlanFile.Load(path, SizeLimit);
        var body = bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        var problems = new PlanProblems(body);
        var root = PlanReader.Parse(body.Span, problems);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        var declared = root is null ? null : new DeclaredTargetReader(problems).Read(root, path, hash);
        return problems.HasErrors || declared is null ? throw new PlanException("ProfileInvalid", path, problems.ToList()) : declared;
    }

    private DeclaredTarget? Read(PlanNode root, string path, string hash)
    {
        if (!_fields.IsObject(root))
            return null;
        RefuseOthers(root, "$schema", "target_profile");
        var profile = Section(
            root, "target_profile", isRequired: true, "version", "subject", "input", "result", "function", "share_link", "log_table");
        if (profile is null)
            return null;
        if (_fields.Label(_fields.Required(profile, "version")) is { Length: > 0 } version && version != "v1")
        {
            _problems.Error(
                PlanCodes.TextInvalid, profile["version"]!, $"'version' is {PlanQuote.Of(version)}; this module reads v1. Write \"v1\".");
        }

        var isOther = profile.Members.Keys.Any(name => name is "subject" or "input" or "result" or "function");
        var project = isOther ? Project(profile) : null;
        return new(path, hash, project, Link(profile, isOther), Table(profile["log_table"]));
    }

    private DeclaredProject? Project(PlanNode profile)
    {
        var subject = Section(profile, "subject", true, "table", "key", "ready_column", "ready_value", "when_column", "created_column");
        var input = Section(profile, "input", false, "table", "column");
        var result = Section(profile, "result", true, "table", "column", "version_column", "created_column", "updated_column");
        var function = Section(profile, "function", true, "name", "version_param", "also_writes");
        if (subject is null || result is null || function is null)
            return null;
        var project = new DeclaredProject(
            new(
                Table(_fields.Required(subject, "table")) ?? "",
                Column(_fields.Required(subject, "key")) ?? "",
                Column(_fields.Required(subject, "ready_column")) ?? "",
                _fields.Label(_fields.Required(subject, "ready_value")),
                Column(_fields.Required(subject, "when_column")) ?? "",
                Column(subject["created_column"])),
            input is null ? null : new(Table(_fields.Required(input, "table")) ?? "", Column(_fields.Required(input, "column")) ?? ""),
            new(
                Table(_fields.Required(result, "table")) ?? "",
                Column(_fields.Required(result, "column")) ?? "",
                Column(_fields.Required(result, "version_column")) ?? "",
                Column(result["created_column"]),
                Column(result["updated_column"])),
            new(
                Function(_fields.Required(function, "name")),
                _fields.Label(_fields.Required(function, "version_param")),
                AlsoWrites(function["also_writes"])));
        if (project.Ambiguous is { } table)
        {
            _problems.Error(
                PlanCodes.TextInvalid,
                function["also_writes"] ?? result,
                $"The table {PlanQuote.Of(table)} is named with different columns for the subject's key. Name the same column each time.");
        }

        return project;
    }

    private List<InputTable> AlsoWrites(PlanNode? node) => node is null || !_fields.IsObject(node) ? [] :
    [
        .. node.Members.Values.Select(n => (Table: Table(n, n.Name!), Column: Column(n)))
            .Where(w => w is { Table: not null, Column: not null }).Select(w => new InputTable(w.Table!, w.Column!)),
    ];

    private ShareLink? Link(PlanNode profile, bool isOther)
    {
        if (Section(profile, "share_link", false, "function", "token_column", "expires_column") is not { } link)
            return null;
        // The known system has its columns.
        var token = isOther ? Column(_fields.Required(link, "token_column")) : Column(link["token_column"]);
        return new(Column(_fields.Required(link, "function")) ?? "", token, Column(link["expires_column"]));
    }

    private PlanNode? Section(PlanNode owner, string name, bool isRequired, params ReadOnlySpan<string> known)
    {
        var node = isRequired ? _fields.Required(owner, name) : owner[name];
        if (node is null || !_fields.IsObject(node))
            return null;
        RefuseOthers(node, known);
        return node;
    }

    /// <summary>What is misspelt would not be measured, and nobody would know.</summary>
    private void RefuseOthers(PlanNode owner, params ReadOnlySpan<string> known)
    {
        foreach (var (name, node) in owner.Members)
        {
            if (!known.Contains(name))
            {
                _problems.ErrorAtName(
                    PlanCodes.FieldUnknown, node, $"{PlanQuote.Of(name)} is not known here. Known are {string.Join(", ", known.ToArray())}.");
            }
        }
    }

    private string? Table(PlanNode? node) => Text(node) is { } text ? Table(node!, text) : null;

    /// <summary>A table of <c>public</c>, without its schema.</summary>
    private string? Table(PlanNode node, string text)
    {
        if (!TableNames.IsTable(node, text, _fields))
            return null;
        var name = PlanNames.Qualify(text);
        if (name.StartsWith("public.", StringComparison.Ordinal))
            return name["public.".Length..];
        _problems.Error(PlanCodes.TableInvalid, node, $"{PlanQuote.Of(text)} is not in the schema public, and a profile knows no other.");
        return null;
    }

    private string? Column(PlanNode? node) => Text(node) is { } text && TableNames.IsColumn(node!, text, _fields) ? text : null;

    private string Function(PlanNode? node)
    {
        if (Text(node) is not { } text)
            return "";
        if (PlanNames.Function.IsMatch(text))
            return text;
        _problems.Error(
            PlanCodes.FunctionInvalid, node!, $"A function's name has 1 to 100 of A-Z a-z 0-9 _ -; this is {PlanQuote.Of(text)}. Correct it.");
        return "";
    }

    private string? Text(PlanNode? node)
    {
        // What is no text is told.
        _fields.FreeText(node);
        return node is { Kind: JsonValueKind.String } ? node.Text : null;
    }
}
