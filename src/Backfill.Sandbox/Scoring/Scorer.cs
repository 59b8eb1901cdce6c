using System.Text;
using System.Text.Json;

namespace Backfill.Sandbox.Scoring;

/// <summary>Scores that look real and depend on nothing but the session's id and the seed.</summary>
internal sealed class Scorer(int seed)
{
    private static readonly string[] FunctionCodes = ["Ti", "Te", "Fi", "Fe", "Ni", "Ne", "Si", "Se"];

    private static readonly string[] TypeCodes =
        ["ILE", "SEI", "ESE", "LII", "EIE", "LSI", "SLE", "IEI", "SEE", "ILI", "LIE", "ESI", "LSE", "EII", "IEE", "SLI"];

    private static readonly string[] StateCodes = ["calm", "strain", "focus"];

    /// <summary>How many dimensions the function at this place has: four, three, two, one, twice.</summary>
    public static int Dimension(int place) => 4 - place % 4;

    /// <summary>A JSON object: each function with its score.</summary>
    public string FcScores(Guid session)
    {
        var dice = new Dice(session, seed, purpose: 1);
        var json = new StringBuilder("{", 128);
        foreach (var code in FunctionCodes)
            json.Append(json.Length > 1 ? "," : "").Append(System.Globalization.CultureInfo.InvariantCulture, $"\"{code}\":{dice.Between(0, 100)}");
        return json.Append('}').ToString();
    }

    public ScoredProfile Profile(Guid session, string version)
    {
        var dice = new Dice(session, seed, purpose: 2);
        Span<byte> id = stackalloc byte[16];
        BitConverter.TryWriteBytes(id, dice.Next());
        BitConverter.TryWriteBytes(id[8..], dice.Next());

        var first = dice.Below(TypeCodes.Length);
        var fit = dice.Between(40, 95);
        var types = new Measure[]
        {
            new(TypeCodes[first], fit),
            new(TypeCodes[(first + 5) % 16], fit - dice.Between(1, 15)),
            new(TypeCodes[(first + 11) % 16], fit - dice.Between(15, 30)),
        };
        var functions = new Measure[FunctionCodes.Length];
        for (var i = 0; i < functions.Length; i++)
            functions[i] = new Measure(FunctionCodes[i], dice.Between(1, 5));
        var states = new Measure[StateCodes.Length];
        for (var i = 0; i < states.Length; i++)
            states[i] = new Measure(StateCodes[i], dice.Between(0, 10));

        var raw = dice.Between(0, 1);
        var profile = new ScoredProfile
        {
            Id = new Guid(id),
            TypeCode = types[0].Code,
            Confidence = Math.Round(0.9m * raw + 0.05m, 4),
            FitBand = fit >= 75 ? "High" : fit >= 55 ? "Moderate" : "Low",
            ValidityStatus = dice.Below(12) == 0 ? "warning" : "pass",
            Overlay = dice.Below(2) == 0 ? "+" : "–",
            TopGap = types[0].Value - types[1].Value,
            ConfRaw = raw,
            ConfCalibrated = Math.Round(0.9m * raw + 0.05m, 4),
            ScoreFitCalibrated = fit,
            Types = types,
            Functions = functions,
            States = states,
            TopTypesJson = JsonSerializer.Serialize(types.Select(t => t.Code)),
            PayloadJson = "",
            // The last byte as it is written, so that nobody has to run anything to know it of an id.
            IsBackdated = session.ToByteArray()[15] % 3 == 0,
        };
        return profile with { PayloadJson = ProfilePayload.Write(profile, version, ref dice) };
    }
}
