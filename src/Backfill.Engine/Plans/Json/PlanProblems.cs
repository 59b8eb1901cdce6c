namespace Backfill.Engine.Plans.Json;

/// <summary>Collects the problems of one file.</summary>
internal sealed class PlanProblems(ReadOnlyMemory<byte> utf8)
{
    /// <summary>How many problems of a kind are kept: a file of rubbish must not become a list of millions.</summary>
    public const int Limit = 1000;

    private readonly List<BackfillPlanProblem> _kept = [];
    private readonly Dictionary<PlanSeverity, int> _seen = [];
    private readonly LineMap _lines = new(utf8);

    public bool HasErrors => _seen.ContainsKey(PlanSeverity.Error);

    public void Error(string code, PlanNode node, string message) => ErrorAt(code, node.Offset, node.Pointer, message);

    public void Warn(string code, PlanNode node, string message) =>
        Add(PlanSeverity.Warning, code, node.Offset, node.Pointer, message);

    public void WarnAtName(string code, PlanNode node, string message) =>
        Add(PlanSeverity.Warning, code, node.NameOffset, node.Pointer, message);

    public void ErrorAtName(string code, PlanNode node, string message) => ErrorAt(code, node.NameOffset, node.Pointer, message);

    public void ErrorAt(string code, int offset, string pointer, string message) =>
        Add(PlanSeverity.Error, code, offset, pointer, message);

    public int LineOf(PlanNode node) => _lines.Line(node.Offset);

    /// <summary>The problems in the file's order.</summary>
    public ItemList<BackfillPlanProblem> ToList()
    {
        var all = _kept.OrderBy(p => p.Line).ThenBy(p => p.Column).ToList();
        foreach (var (severity, count) in _seen.Where(s => s.Value > Limit))
        {
            all.Add(new()
            {
                Severity = severity,
                Code = PlanCodes.TooManyProblems,
                Pointer = "",
                Line = 1,
                Column = 1,
                Message = $"{count - Limit} more of this severity are left out; correct the first {Limit} and test the plan again.",
            });
        }

        return new(all);
    }

    private void Add(PlanSeverity severity, string code, int offset, string pointer, string message)
    {
        var count = _seen[severity] = _seen.GetValueOrDefault(severity) + 1;
        if (count > Limit)
            return;
        _kept.Add(new()
        {
            Severity = severity,
            Code = code,
            Pointer = pointer,
            Line = _lines.Line(offset),
            Column = _lines.Column(offset),
            Message = message,
        });
    }
}
