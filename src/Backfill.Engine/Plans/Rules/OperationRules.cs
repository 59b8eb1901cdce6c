using System.Text.Json;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>One operation: a function and its params.</summary>
internal sealed class OperationRules(PlanFields fields, KnownFunctions known, PlanFootprints footprints, PlanHeader header)
{
    private PlanProblems Problems => fields.Problems;

    public PlanOperation Read(PlanNode node, int position)
    {
        fields.WarnOfOthers(node, "function", "params");
        var given = node["params"];
        var isObject = given is not null && fields.IsObject(given, PlanCodes.ParamsInvalid);
        var parameters = isObject ? given : null;
        if (parameters?["session_id"] is { } reserved)
        {
            Problems.ErrorAtName(
                PlanCodes.ParamReserved, reserved, "'session_id' is set for each call. Remove it; name sessions in the batch.");
        }

        var name = ReadFunction(fields.Required(node, "function", PlanCodes.FunctionInvalid));
        if (name.Length > 0 && (given is null || isObject))
            CheckParams(name, parameters, node);
        var sent = parameters?.Members.Where(m => m.Key != "if_missing") ?? [];
        return new()
        {
            Function = name,
            Params = ParamsJson.Of(new(sent, StringComparer.Ordinal)),
            IfMissing = fields.Flag(parameters?["if_missing"], PlanCodes.IfMissingInvalid),
            Position = position,
        };
    }

    private string ReadFunction(PlanNode? node)
    {
        if (node is null)
            return "";
        if (node.Kind != JsonValueKind.String || !PlanNames.Function.IsMatch(node.Text))
        {
            Problems.Error(
                PlanCodes.FunctionInvalid,
                node,
                $"A function's name has 1 to 100 of A-Z a-z 0-9 _ -; this is {PlanFields.Shown(node)}. Correct it.");
            return "";
        }

        if (known.Find(node.Text) is null && !footprints.HasEntry(node.Text))
        {
            Problems.Error(
                PlanCodes.FunctionUnknown,
                node,
                $"It is not known what {PlanQuote.Of(node.Text)} writes, so its effects could be neither verified nor undone. "
                + $"Use {string.Join(" or ", known.Functions.Select(f => f.Name))}, or describe it under 'functions'.");
        }

        return node.Text;
    }

    private void CheckParams(string name, PlanNode? parameters, PlanNode operation)
    {
        if (known.Find(name) is { } function)
        {
            CheckKnown(function, parameters, operation);
            return;
        }

        var needed = footprints.Find(name)?.Expected.Match.Select(m => m.Param).OfType<string>().Distinct() ?? [];
        foreach (var param in needed.Where(p => parameters?[p] is null))
        {
            Problems.Error(
                PlanCodes.ExpectedParamMissing,
                parameters ?? operation,
                $"The expected row of {PlanQuote.Of(name)} takes a value from the param {PlanQuote.Of(param)}, "
                + "which is missing here. Add it.");
        }
    }

    private void CheckKnown(KnownFunction function, PlanNode? parameters, PlanNode operation)
    {
        foreach (var param in function.Params)
        {
            if (parameters?[param.Name] is { } value)
            {
                CheckValue(function, param, value);
                continue;
            }

            Problems.Error(
                PlanCodes.ParamMissing,
                parameters ?? operation,
                $"{function.Name} needs the param '{param.Name}'. Add it to 'params'.");
        }

        foreach (var (name, value) in parameters?.Members ?? [])
        {
            if (name is not ("if_missing" or "session_id") && function.Params.All(p => p.Name != name))
            {
                Problems.WarnAtName(
                    PlanCodes.ParamUnknown,
                    value,
                    $"{function.Name} has no param {PlanQuote.Of(name)}; it is sent as it is. Remove it if it is a slip.");
            }
        }
    }

    private void CheckValue(KnownFunction function, KnownParam param, PlanNode value)
    {
        if (value.Kind != JsonValueKind.String || value.Text.Length == 0)
        {
            Problems.Error(
                PlanCodes.ParamInvalid,
                value,
                $"The param '{param.Name}' of {function.Name} must be a text, not empty; it is {PlanFields.Shown(value)}.");
            return;
        }

        var (field, version) = param.Version switch
        {
            PlanVersionKind.Engine => ("engine_version", header.EngineVersion),
            PlanVersionKind.Fc => ("fc_version", header.FcVersion),
            _ => ("", ""),
        };
        if (version.Length > 0 && version != value.Text)
        {
            Problems.Warn(
                PlanCodes.VersionDiffers,
                value,
                $"{PlanFields.Shown(value)} is another version than the plan's '{field}', {PlanQuote.Of(version)}. Correct one of them.");
        }
    }
}
