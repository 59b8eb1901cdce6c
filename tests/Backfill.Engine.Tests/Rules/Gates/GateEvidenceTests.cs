using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>The same ledger gives the same text, in any culture; another ledger gives another one.</summary>
public class GateEvidenceTests
{
    public static TheoryData<BackfillGateName> Gates => new(Enum.GetValues<BackfillGateName>());

    [Theory]
    [MemberData(nameof(Gates))]
    public void It_is_the_same_in_every_culture_and_time_zone(BackfillGateName name)
    {
        var facts = Full(name);
        var before = CultureInfo.CurrentCulture;
        var here = GateEvidence.Of(facts, name);
        try
        {
            foreach (var culture in (string[])["de-DE", "ar-SA", "th-TH", "tr-TR", "fa-IR"])
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                Assert.Equal(here, GateEvidence.Of(facts, name));
                Assert.Equal(facts.Gate(name).Criteria.Select(c => c.ToString()), Elsewhere(facts).Gate(name).Criteria.Select(c => c.ToString()));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Equal(here, GateEvidence.Of(Elsewhere(facts), name));
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public void It_is_the_same_whenever_and_by_whomever_it_is_read(BackfillGateName name)
    {
        var facts = Full(name);
        var later = facts with
        {
            Now = facts.Now.AddDays(3),
            DatabaseRole = "other",
            Starters = [.. facts.Starters, new("cid@west", "cid")],
            Apply = facts.Apply with { Changes = [.. facts.Apply.Changes.Reverse().Select(Reordered)] },
        };

        Assert.Equal(GateEvidence.Of(facts, name), GateEvidence.Of(later.Deny(name), name));
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public void It_is_json_and_says_which_gate_of_which_run_where(BackfillGateName name)
    {
        var facts = Full(name);
        var json = JsonDocument.Parse(GateEvidence.Of(facts, name)).RootElement;

        Assert.Equal(name.ToString(), json.GetProperty("gate").GetString());
        Assert.Equal(facts.RunId, json.GetProperty("run_id").GetGuid());
        Assert.Equal(facts.PlanHash, json.GetProperty("plan_sha256").GetString());
        // The document as it is: its own hash, and not what the run says of it.
        Assert.Equal(facts.PlanHash, json.GetProperty("document_sha256").GetString());
        foreach (var other in (GateFacts[])
        [
            facts with { RunId = Guid.NewGuid() },
            facts with { Environment = (BackfillEnvironment)(1 - (int)facts.Environment) },
            facts with { PlanHash = "other" },
            facts with { Document = facts.Document + " " },
            facts with { ModuleVersion = "9.9.9" },
            facts with { Apply = facts.Apply with { ListDigest = "other" } },
        ])
        {
            Assert.NotEqual(GateEvidence.Of(facts, name), GateEvidence.Of(other, name));
        }
    }

    [Fact]
    public void Every_figure_of_a_run_is_part_of_it_and_of_its_soaks()
    {
        var facts = Gated.Soaked;
        var others = Variants(facts.Apply).Select(a => facts with { Apply = a })
            .Append(facts with { State = BackfillRunState.Halted })
            .Concat(Variants(facts.Apply.Changes[0]).Select(c => facts with { Apply = facts.Apply with { Changes = [c] } }))
            .Append(facts with { Apply = facts.Apply with { Changes = [] } });
        foreach (var other in others)
        {
            Assert.NotEqual(GateEvidence.Of(facts, BackfillGateName.ApplyReview), GateEvidence.Of(other, BackfillGateName.ApplyReview));
            Assert.NotEqual(GateEvidence.Of(facts, BackfillGateName.SoakGoNoGo), GateEvidence.Of(other, BackfillGateName.SoakGoNoGo));
        }
    }

    [Fact]
    public void Every_figure_of_a_soak_is_part_of_it()
    {
        var soak = Gated.Soaked.Soak!;
        var ticket = soak.Soak;
        SoakFigures[] others =
        [
            soak with { EndedAt = soak.EndedAt!.Value.AddMicroseconds(1) },
            soak with { Samples = 1 },
            soak with { SamplesDigest = "other" },
            soak with { Soak = ticket with { SoakId = Guid.NewGuid() } },
            soak with { Soak = ticket with { Window = new(ticket.Window.Start.AddSeconds(1), ticket.Window.End, ticket.Window.Interval) } },
            soak with { Soak = ticket with { Window = new(ticket.Window.Start, ticket.Window.End.AddSeconds(1), ticket.Window.Interval) } },
            soak with { Soak = ticket with { Ending = new(SoakVerdict.Fail) } },
            soak with { Soak = ticket with { Ending = ticket.Ending! with { Reason = "other" } } },
            soak with { Soak = ticket with { Ending = null } },
            .. Variants(ticket.Settings).Select(s => soak with { Soak = ticket with { Settings = s } }),
        ];
        var here = GateEvidence.Of(Gated.Soaked, BackfillGateName.SoakGoNoGo);
        Assert.All(others, other => Assert.NotEqual(here, GateEvidence.Of(Gated.Soaked with { Soak = other }, BackfillGateName.SoakGoNoGo)));
    }

    [Fact]
    public void Every_figure_of_production_health_is_part_of_it()
    {
        var here = GateEvidence.Of(Gated.Frozen, BackfillGateName.ProdApply);
        foreach (var health in (RunHealth?[])[null, .. Variants(Gated.Frozen.Health!)])
            Assert.NotEqual(here, GateEvidence.Of(Gated.Frozen with { Health = health }, BackfillGateName.ProdApply));
    }

    private static GateFacts Full(BackfillGateName name)
    {
        var raised = Gated.Raised(name);
        return raised with
        {
            Apply = raised.Apply with
            {
                Total = 1_234_567,
                Changes = [.. Gated.Applied.Apply.Changes, new("public.fc_scores", new Dictionary<string, string?> { ["b"] = null, ["a"] = "1.5" }, 1, 2, 3)],
            },
        };
    }

    /// <summary>The same times, told in another zone.</summary>
    private static GateFacts Elsewhere(GateFacts facts) => facts with
    {
        Now = facts.Now.ToOffset(TimeSpan.FromHours(-7)),
        Health = facts.Health is { } h ? h with { MeasuredAt = h.MeasuredAt.ToOffset(TimeSpan.FromHours(5)) } : null,
        Soak = facts.Soak is { } s ? s with
        {
            EndedAt = s.EndedAt!.Value.ToOffset(TimeSpan.FromHours(5)),
            Soak = s.Soak with
            {
                Window = new(s.Soak.Window.Start.ToOffset(TimeSpan.FromHours(5)), s.Soak.Window.End.ToOffset(TimeSpan.FromHours(-3)), s.Soak.Window.Interval),
            },
        }
        : null,
    };

    private static ActualTableChange Reordered(ActualTableChange change) =>
        change with { Values = change.Values.Reverse().ToDictionary(v => v.Key, v => v.Value) };

    /// <summary>The record with one value changed, each in its turn: what is added later is tried too.</summary>
    private static IEnumerable<T> Variants<T>(T record)
        where T : class
    {
        var clone = typeof(T).GetMethod("<Clone>$", BindingFlags.Instance | BindingFlags.Public)!;
        foreach (var property in typeof(T).GetProperties().Where(p => p.SetMethod is not null && p.Name != nameof(ApplyFigures.Changes)))
        {
            var other = (T)clone.Invoke(record, null)!;
            property.SetValue(other, property.GetValue(record) switch
            {
                int number => number + 1,
                double number => number + 0.001,
                TimeSpan span => span + TimeSpan.FromSeconds(1),
                DateTimeOffset time => time.AddMicroseconds(1),
                string text => text + "x",
                null => "x",
                IReadOnlyDictionary<string, string?> values => values.ToDictionary(v => v.Key, v => v.Value + "x"),
                var value => throw new NotSupportedException($"{property.Name}: {value}"),
            });
            yield return other;
        }
    }
}
