using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.Models;

namespace Serverless.DuckDb.Tests.History;

/// <summary>Against an oracle that looks at every row of the history for every row that looks.</summary>
public sealed class PointInTimeJoinTests : IDisposable
{
    private readonly HistoryFixture history = new();

    [Theory]
    [InlineData(1, false, false, null), InlineData(2, true, false, null), InlineData(3, false, true, null), InlineData(4, true, true, 7), InlineData(5, false, false, 7), InlineData(6, true, false, 0), InlineData(7, true, true, 3)]
    public async Task Join_RandomHistory_IsWhatTheOracleFinds(int seed, bool created, bool strict, int? ttl)
    {
        var (events, rows) = Random(seed, 400, 300);
        var view = HistoryFixture.View(ttl is { } t ? TimeSpan.FromSeconds(t) : null, created);
        var found = await HistoryFixture.LookAsync(await history.SourceAsync(events, view, strict: strict), rows);
        found[0].ShouldBe([.. rows.Select(r => Oracle(events, r, created, strict, ttl)?.Value)]);
        found[0].Count(v => v is not null).ShouldBeGreaterThan(20);
        found[0].Count(v => v is null).ShouldBeGreaterThan(5);
    }

    [Theory, InlineData(11), InlineData(12)]
    public async Task Aggregates_RandomHistory_AreThoseOfTheWindowThatEndsAtTheNewestRow(int seed)
    {
        var (events, rows) = Random(seed, 300, 200);
        var over = TimeSpan.FromSeconds(6);
        ViewFeature Of(string name, AggregateFunction function, string? column = "value") => new()
        {
            Name = name, Type = function == AggregateFunction.Count ? ColumnType.Integer : ColumnType.Number, Aggregate = function, Column = column, Over = over,
            Condition = function == AggregateFunction.Rate ? new ExpressionText("value > 5") : null,
        };
        var view = HistoryFixture.View(null, false, null, Of("n", AggregateFunction.Count, null), Of("filled", AggregateFunction.Count), Of("mean", AggregateFunction.Mean), Of("sum", AggregateFunction.Sum),
            Of("min", AggregateFunction.Min), Of("max", AggregateFunction.Max), Of("sd", AggregateFunction.Stddev), Of("last", AggregateFunction.Last), Of("rate", AggregateFunction.Rate, null));
        var found = await HistoryFixture.LookAsync(await history.SourceAsync(events, view, strict: true), rows);
        for (var i = 0; i < rows.Count; i++)
        {
            var newest = Oracle(events, rows[i], false, true, null);
            Event[] window = newest is null ? [] : [.. events.Where(e => e.Key == newest.Key && e.Second > newest.Second - 6 && e.Second <= newest.Second)];
            double[] values = [.. window.Select(e => e.Value).OfType<double>()];
            var mean = values.DefaultIfEmpty().Average();
            var last = window.Select((e, n) => (e, n)).Where(e => e.e.Value is not null).OrderBy(e => e.e.Second).ThenBy(e => e.n).LastOrDefault().e?.Value;
            double?[] expected =
            [
                newest is null ? null : window.Length, newest is null ? null : values.Length, values.Length == 0 ? null : mean, values.Length == 0 ? null : values.Sum(), values.Length == 0 ? null : values.Min(), values.Length == 0 ? null : values.Max(),
                values.Length < 2 ? null : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1)), last, values.Length == 0 ? null : values.Count(v => v > 5) / (double)values.Length,
            ];
            for (var f = 0; f < expected.Length; f++)
            {
                (found[f][i] is null).ShouldBe(expected[f] is null, $"row {i}, {view.Features[f].Name}");
                if (expected[f] is { } value) found[f][i]!.Value.ShouldBe(value, 1e-9, $"row {i}, {view.Features[f].Name}");
            }
        }
    }

    [Theory, InlineData(21, 0), InlineData(22, 2)]
    public async Task Rolling_RandomHistory_IsTheWindowBeforeTheGap(int seed, int gap)
    {
        var (events, rows) = Random(seed, 300, 200);
        foreach (var function in new[] { AggregateFunction.Mean, AggregateFunction.Count })
        {
            var type = function == AggregateFunction.Count ? ColumnType.Integer : ColumnType.Number;
            var lookup = Lookup(LookupKind.Rolling, type) with { Aggregate = function, Over = TimeSpan.FromSeconds(5), After = TimeSpan.FromSeconds(gap) };
            var found = (await HistoryFixture.LookAsync(await history.SourceAsync(events, null, lookup), rows))[0];
            for (var i = 0; i < rows.Count; i++)
            {
                var (key, at) = rows[i];
                double[] window = [.. events.Where(e => key is not null && e.Key == key && (gap == 0 ? e.Second < at && e.Second >= at - 5 : e.Second <= at - gap && e.Second > at - gap - 5)).Select(e => e.Value).OfType<double>()];
                double? expected = key is null ? null : function == AggregateFunction.Count ? window.Length : window.Length == 0 ? null : window.Average();
                (found[i] is null).ShouldBe(expected is null, $"{function} {i}");
                if (expected is { } value) found[i]!.Value.ShouldBe(value, 1e-9);
            }
        }
    }

    [Theory, InlineData(31, 0), InlineData(32, 3)]
    public async Task Lag_RandomHistory_IsTheNewestFilledValueAsOfThen(int seed, int after)
    {
        var (events, rows) = Random(seed, 300, 200);
        var lookup = Lookup(LookupKind.Lag, ColumnType.Number) with { After = TimeSpan.FromSeconds(after) };
        var found = await HistoryFixture.LookAsync(await history.SourceAsync(events, null, lookup, strict: after == 0), rows);
        Event[] filled = [.. events.Where(e => e.Value is not null)];
        found[0].ShouldBe([.. rows.Select(r => Oracle(filled, (r.Key, r.Second - after), false, after == 0, null)?.Value)]);
    }

    [Theory, InlineData(41), InlineData(42)]
    public async Task Lookups_EverythingFromTheRowsTimeOnIsChangedOrRemoved_StayAsTheyWere(int seed)
    {
        var (events, _) = Random(seed, 200, 0);
        const int Now = 12;
        (string?, double)[] row = [("A", Now), ("B", Now), ("C", Now)];
        Event[] before = [.. events.Where(e => e.Second < Now)];
        Event[] changed = [.. events.Select(e => e.Second >= Now ? e with { Value = 1e6 } : e), new Event("A", Now, Now, 7777), new Event("B", Now + 1, Now, 8888)];
        (LookupDefinition? Lookup, ViewDefinition? View)[] all =
        [
            (Lookup(LookupKind.Lag, ColumnType.Number), null), (Lookup(LookupKind.Lag, ColumnType.Number) with { After = TimeSpan.FromSeconds(2) }, null),
            (Lookup(LookupKind.Rolling, ColumnType.Number) with { Aggregate = AggregateFunction.Mean, Over = TimeSpan.FromSeconds(5) }, null),
            (Lookup(LookupKind.Rolling, ColumnType.Number) with { Aggregate = AggregateFunction.Sum, Over = TimeSpan.FromSeconds(5), After = TimeSpan.FromSeconds(1) }, null),
            (null, HistoryFixture.View()), (null, HistoryFixture.View(null, false, null, new ViewFeature { Name = "m", Type = ColumnType.Number, Aggregate = AggregateFunction.Mean, Column = "value" })),
        ];
        foreach (var (lookup, view) in all)
        {
            var strict = lookup is null || lookup.After == TimeSpan.Zero;
            async Task<IReadOnlyList<double?>> Of(IReadOnlyList<Event> of) => (await HistoryFixture.LookAsync(await history.SourceAsync(of, view, lookup, strict), row))[0];
            var expected = await Of(events);
            (await Of(before)).ShouldBe(expected);
            (await Of(changed)).ShouldBe(expected);
            expected.ShouldContain(v => v != null);
        }
    }

    [Fact]
    public async Task Join_OneTimeSeveralValues_TakesTheLastCreatedThenTheLastRow()
    {
        Event[] events = [new("A", 1, 5, 10), new("A", 1, 3, 20), new("B", 1, 1, 30), new("B", 1, 1, 40)];
        var found = await HistoryFixture.LookAsync(await history.SourceAsync(events, HistoryFixture.View(created: true)), [("A", 2), ("A", 3), ("A", 4.999999), ("A", 5), ("B", 1), ("C", 9), (null, 9)]);
        found[0].ShouldBe([null, 20, 20, 10, 40, null, null]);
    }

    [Fact]
    public async Task Join_AgeOfExactlyTheTtl_StillCounts()
    {
        var source = await history.SourceAsync([new("A", 1, null, 10)], HistoryFixture.View(TimeSpan.FromSeconds(4)));
        (await HistoryFixture.LookAsync(source, [("A", 0.999999), ("A", 1), ("A", 5), ("A", 5.000001)]))[0].ShouldBe([null, 10, 10, null]);
    }

    [Fact]
    public async Task Current_EveryKey_IsWhatARowOfThatTimeWouldSee()
    {
        var (events, _) = Random(51, 200, 0);
        var source = await history.SourceAsync(events, HistoryFixture.View(TimeSpan.FromSeconds(9), created: true));
        var now = await new DuckDb.History.PointInTimeJoin().CurrentAsync(source, new DateTimeOffset(HistoryFixture.Ticks(15), TimeSpan.Zero));
        var keys = (StringColumn)now["airport"];
        string[] all = ["A", "B", "C", "D"];
        var expected = all.Select(k => (k, Oracle(events, (k, 15), true, false, 9)?.Value)).Where(p => p.Value is not null);
        Enumerable.Range(0, now.Rows).Select(i => (keys[i]!, HistoryFixture.Values(now["value"])[i])).ShouldBe(expected);
    }

    private static LookupDefinition Lookup(LookupKind kind, ColumnType type) => new()
    {
        Kind = kind, Source = "m.looked", Column = "value", Type = type, Keys = [new("airport", "origin")], Dataset = "events", Time = "at",
    };

    private static Event? Oracle(IReadOnlyList<Event> events, (string? Key, double Second) row, bool created, bool strict, int? ttl)
    {
        bool Before(double at) => strict ? at < row.Second : at <= row.Second;
        var newest = events.Select((e, n) => (e, n)).Where(x => x.e is { Key: not null, Second: not null } && x.e.Key == row.Key && Before(x.e.Second.Value) && (!created || Before(x.e.CreatedSecond ?? x.e.Second.Value)))
            .OrderBy(x => x.e.Second).ThenBy(x => created ? x.e.CreatedSecond ?? x.e.Second : 0).ThenBy(x => x.n).LastOrDefault().e;
        return newest is null || ttl is { } most && row.Second - newest.Second > most ? null : newest;
    }

    private static (List<Event> Events, List<(string? Key, double Second)> Rows) Random(int seed, int events, int rows)
    {
        var random = new Random(seed);
        string? Key() => random.Next(12) == 0 ? null : ((char)('A' + random.Next(4))).ToString();
        List<Event> made = [.. Enumerable.Range(0, events).Select(_ =>
        {
            int? at = random.Next(25) == 0 ? null : random.Next(30);
            return new Event(Key(), at, random.Next(4) == 0 ? null : (at ?? 0) + random.Next(-3, 12), random.Next(8) == 0 ? null : random.Next(100) / 8.0);
        })];
        return (made, [.. Enumerable.Range(0, rows).Select(_ => (Key(), random.Next(-2, 40) + (random.Next(5) == 0 ? 0.5 : 0)))]);
    }

    public void Dispose() => history.Dispose();
}
