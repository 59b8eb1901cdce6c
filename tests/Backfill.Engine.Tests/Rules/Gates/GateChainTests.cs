using System.Reflection;
using Backfill.Engine.Gates;
using FsCheck;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>Accidents and casual edits in a run's decisions are found, wherever they are; what is whole is never reported.</summary>
public class GateChainTests
{
    private static readonly PropertyInfo[] Fields = [.. typeof(GateEntry).GetProperties().Where(p => p.SetMethod is not null)];

    [Property(MaxTest = 200)]
    public void A_chain_that_nobody_touched_is_whole(PositiveInt seed)
    {
        var facts = Chain(new Random(seed.Get), 0);

        Assert.Null(GateChain.FindBreak(facts.Entries, facts.Count, facts.Head));
        // As PostgreSQL gives it back: to the microsecond, in its own time zone's offset.
        var read = facts.Entries.Select(e => e with { At = e.At.ToOffset(TimeSpan.FromHours(2)) }).ToList();
        Assert.Null(GateChain.FindBreak(read, facts.Count, facts.Head));
    }

    [Property(MaxTest = 100)]
    public void An_edit_of_any_field_of_any_entry_is_found(PositiveInt seed)
    {
        var facts = Chain(new Random(seed.Get), 1);
        for (var at = 0; at < facts.Count; at++)
        {
            foreach (var field in Fields)
            {
                foreach (var edited in Edits(facts.Entries[at], field))
                    Found(facts, [.. facts.Entries.Take(at), edited, .. facts.Entries.Skip(at + 1)], $"{field.Name} of {at + 1}");
            }
        }
    }

    [Property(MaxTest = 100)]
    public void An_edit_is_found_though_the_entrys_own_hash_was_made_anew(PositiveInt seed)
    {
        var facts = Chain(new Random(seed.Get), 1);
        for (var at = 0; at < facts.Count; at++)
        {
            foreach (var field in Fields.Where(f => f.Name != nameof(GateEntry.Hash)))
            {
                foreach (var edited in Edits(facts.Entries[at], field))
                {
                    var rehashed = edited with { Hash = GateChain.HashOf(edited) };
                    Found(facts, [.. facts.Entries.Take(at), rehashed, .. facts.Entries.Skip(at + 1)], $"{field.Name} of {at + 1}");
                }
            }
        }
    }

    [Property(MaxTest = 100)]
    public void A_deletion_is_found_the_last_ones_too(PositiveInt seed)
    {
        var facts = Chain(new Random(seed.Get), 1);
        for (var first = 0; first < facts.Count; first++)
        {
            for (var after = first + 1; after <= facts.Count; after++)
                Found(facts, [.. facts.Entries.Take(first), .. facts.Entries.Skip(after)], $"{first + 1} to {after} deleted");
        }
    }

    [Property(MaxTest = 100)]
    public void A_deletion_is_found_though_the_rest_was_numbered_anew(PositiveInt seed)
    {
        var facts = Chain(new Random(seed.Get), 1);
        for (var at = 0; at < facts.Count; at++)
        {
            var rest = facts.Entries.Where((_, i) => i != at).Select((e, i) => e with { Sequence = i + 1 }).ToList();
            Found(facts, rest, $"{at + 1} deleted");
            var fewer = facts with { Count = facts.Count - 1 };
            // The newest one gone and the count set back: the run still names it.
            Found(fewer, rest, $"{at + 1} deleted and counted");
        }
    }

    [Property(MaxTest = 100)]
    public void An_insertion_is_found(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        var facts = Chain(random, 0);
        var foreign = Entry(random);
        for (var at = 0; at <= facts.Count; at++)
        {
            var before = at == 0 ? null : facts.Entries[at - 1].Hash;
            var inserted = GateChain.Next(foreign, at, before);
            Found(facts, [.. facts.Entries.Take(at), inserted, .. facts.Entries.Skip(at)], $"inserted at {at + 1}");
            var renumbered = facts.Entries.Skip(at).Select(e => e with { Sequence = e.Sequence + 1 });
            Found(facts with { Count = facts.Count + 1 }, [.. facts.Entries.Take(at), inserted, .. renumbered], $"inserted at {at + 1}, numbered anew");
        }
    }

    [Property(MaxTest = 100)]
    public void Another_order_is_found(PositiveInt seed)
    {
        var facts = Chain(new Random(seed.Get), 2);
        for (var i = 0; i < facts.Count; i++)
        {
            for (var j = i + 1; j < facts.Count; j++)
            {
                var swapped = facts.Entries.ToArray();
                (swapped[i], swapped[j]) = (swapped[j], swapped[i]);
                Found(facts, swapped, $"{i + 1} and {j + 1} swapped");
                Found(facts, [.. swapped.Select((e, n) => e with { Sequence = n + 1 })], $"{i + 1} and {j + 1} swapped and numbered");
            }
        }
    }

    [Property(MaxTest = 100)]
    public void Head_and_count_of_the_run_are_part_of_it(PositiveInt seed)
    {
        var facts = Chain(new Random(seed.Get), 1);
        foreach (var head in (string?[])[null, "", "other", facts.Entries[0].Previous, .. facts.Entries.SkipLast(1).Select(e => e.Hash)])
            Found(facts with { Head = head }, facts.Entries, $"head {head}");
        foreach (var count in (int[])[facts.Count - 1, facts.Count + 1, 0])
            Found(facts with { Count = count }, facts.Entries, $"count {count}");
    }

    [Fact]
    public void A_chain_of_another_run_is_found()
    {
        var facts = Gated.Applied.Approve(BackfillGateName.ApplyReview);
        var other = facts.Entries[0] with { RunId = Guid.NewGuid() };
        Assert.NotNull(GateChain.FindBreak([other], 1, facts.Head));
    }

    [Fact]
    public void The_hash_is_written_down()
    {
        // printf '["","0190aaaa-0000-7000-8000-000000000001",1,"ApplyReview","Approved","2025-09-18T12:00:00.000000Z","p","{}","e","[]",null,false,"r","o","d",null,"2025-09-19T12:00:00.000000Z",null]' | sha256sum
        var entry = new GateEntry
        {
            RunId = new("0190aaaa-0000-7000-8000-000000000001"),
            Sequence = 1,
            Gate = BackfillGateName.ApplyReview,
            Action = GateAction.Approved,
            At = Gated.Now,
            PlanHash = "p",
            Evidence = "{}",
            EvidenceHash = "e",
            Criteria = "[]",
            Reason = "r",
            Operator = "o",
            DatabaseRole = "d",
            ExpiresAt = Gated.Now.AddDays(1),
        };
        Assert.Equal("7b346562796303dd7e060ef2f89208d5b31a076be855863400144aed15203433", GateChain.HashOf(entry));
    }

    private static void Found(GateFacts facts, IReadOnlyList<GateEntry> entries, string what) =>
        Assert.True(GateChain.FindBreak(entries, facts.Count, facts.Head) is not null, $"Not found: {what}.");

    /// <summary>A chain of up to six decisions and uses.</summary>
    private static GateFacts Chain(Random random, int least)
    {
        var facts = Gated.Applied;
        for (var i = random.Next(least, 7); i > 0; i--)
            facts = facts.Add(Entry(random));
        return facts;
    }

    private static GateEntry Entry(Random random)
    {
        var action = (GateAction)random.Next(3);
        var evidence = $"{{\"n\":{random.Next()}}}";
        return new()
        {
            RunId = Gated.Applied.RunId,
            Sequence = 0,
            Gate = (BackfillGateName)random.Next(3),
            Action = action,
            At = Gated.Now.AddTicks(10L * random.Next()),
            PlanHash = Gated.Plan.Hash,
            Evidence = evidence,
            EvidenceHash = GateChain.HashOf(evidence),
            Criteria = "[]",
            OtherEvidence = random.Next(2) == 0 ? null : "{}",
            Overridden = random.Next(2) == 0,
            Reason = action == GateAction.Used ? null : $"reason {random.Next(9)} „ß\"",
            Operator = Gated.Decider,
            DatabaseRole = "bob_role",
            Approver = random.Next(2) == 0 ? null : "Bob",
            ExpiresAt = action == GateAction.Approved ? Gated.Now.AddDays(1) : null,
            UsedFor = action == GateAction.Used ? "something" : null,
        };
    }

    /// <summary>The entry with one field changed as little as can be.</summary>
    private static IEnumerable<GateEntry> Edits(GateEntry entry, PropertyInfo field)
    {
        object?[] values = field.GetValue(entry) switch
        {
            string text => [text + " ", text + "\0", text.Length == 0 ? "x" : text[1..], .. field.Name is "Reason" or "Approver" or "UsedFor" or "OtherEvidence" ? (object?[])[null] : []],
            null when field.PropertyType == typeof(string) => ["", "x"],
            null => [Gated.Now],
            Guid => [Guid.NewGuid(), Guid.Empty],
            int number => [number + 1, number - 1],
            bool flag => [!flag],
            DateTimeOffset time => [time.AddMicroseconds(1), time.AddMicroseconds(-1), time.AddHours(1)],
            BackfillGateName name => [.. Enum.GetValues<BackfillGateName>().Where(n => n != name).Cast<object>()],
            GateAction action => [.. Enum.GetValues<GateAction>().Where(a => a != action).Cast<object>()],
            var other => throw new NotSupportedException($"{field.Name} is {other}"),
        };
        foreach (var value in values)
        {
            var edited = entry with { };
            field.SetValue(edited, value);
            yield return edited;
        }
    }
}
