using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Alerts;

public sealed class CalibrationTests
{
    // January 2001, one look a day; bad on the 3rd, 4th, 5th, 10th and 20th
    private static readonly int[] BadDays = [3, 4, 5, 10, 20];

    [Fact]
    public void Walk_OneRule_CountsEpisodesDaysAndMessages()
    {
        var rule = Walk(new AlertRule { Name = "r" }).Rules.ShouldHaveSingleItem();
        (rule.Looks, rule.Bad, rule.Fired, rule.Told).ShouldBe((31, 5, 3, 5));
        rule.Days.Select(d => d.Day.Day).ShouldBe([3, 10, 20]);
        rule.Alerts.ShouldHaveSingleItem().Fired.ShouldBe(3);
    }

    [Fact]
    public void Walk_LongCooldown_TellsLess()
    {
        var rule = Walk(new AlertRule { Name = "r", Cooldown = TimeSpan.FromDays(8) }).Rules.Single();
        (rule.Fired, rule.Told).ShouldBe((3, 2)); // the 3rd and, 8 days later, the 20th: the 10th is within the cooldown
    }

    [Fact]
    public void Walk_TwoOfThree_FiresOnlyForTheRun()
    {
        var rule = Walk(new AlertRule { Name = "r", Bad = 2, Of = 3 }).Rules.Single();
        rule.Days.Select(d => d.Day.Day).ShouldBe([4]);
    }

    [Fact]
    public void Walk_SeveralRules_EachHasItsOwn()
    {
        var report = Walk(new AlertRule { Name = "other", Subjects = ["weather"] }, new AlertRule { Name = "quiet", Mute = true }, new AlertRule { Name = "rest" });
        report.Rules.Select(r => (r.Rule, r.Looks, r.Fired, r.Muted)).ShouldBe([("other", 0, 0, false), ("quiet", 31, 0, true), ("rest", 0, 0, false)]);
        report.Untaken.ShouldBe(0);
        Walk(new AlertRule { Name = "other", Subjects = ["weather"] }).Untaken.ShouldBe(5);
    }

    [Fact]
    public async Task Run_StoredSignals_TheLastLookAtAPeriodCounts()
    {
        using var bench = new AlertBench();
        var calibration = new Calibration(new Workspace
        {
            Name = "w", Root = "/", Storage = new StorageSettings(), ApiKeys = [], Hash = "", Datasets = new Dictionary<string, DatasetDefinition>(), Models = new Dictionary<string, Models.ModelDefinition>(),
        }, bench.Signals, null!, null!);
        await bench.Signals.PublishAsync([.. Looks()]);
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.Signals.PublishAsync([Look(20, false) with { At = bench.Time.GetUtcNow() }, Look(21, true) with { At = bench.Time.GetUtcNow(), Period = "2001-01-14..2001-01-21" }]);

        var all = await calibration.RunAsync(null, null);
        (all.From, all.To, all.Days, all.Signals, all.FromHistory).ShouldBe((new DateOnly(2001, 1, 1), new DateOnly(2001, 1, 31), 31, 32, 0));
        all.Rules.Single().Days.Select(d => d.Day.Day).ShouldBe([3, 10, 21]);
        (await calibration.RunAsync(new DateOnly(2001, 1, 6), new DateOnly(2001, 1, 12))).Rules.Single().Days.Select(d => d.Day.Day).ShouldBe([10]);
        (await calibration.RunAsync(new DateOnly(2020, 1, 1), null)).Days.ShouldBe(0);
    }

    [Theory]
    [InlineData("2001-01-05", "2001-01-05", "2001-01-06T00:00:00Z")]
    [InlineData("2001-01-05T13", "2001-01-05", "2001-01-05T14:00:00Z")]
    [InlineData("2001-02", "2001-02-01", "2001-03-01T00:00:00Z")]
    [InlineData("2001-01-01..2001-01-07", "2001-01-07", "2001-01-08T00:00:00Z")]
    [InlineData("last week", "2026-03-02", "2026-03-02T12:00:00Z")]
    [InlineData(null, "2026-03-02", "2026-03-02T12:00:00Z")]
    public void Observation_OfAPeriod_IsAtItsEnd(string? period, string day, string time)
    {
        var observation = Observation.Of(Look(1, true) with { Period = period }, true);
        (observation.Day, observation.Time).ShouldBe((DateOnly.Parse(day, null), DateTimeOffset.Parse(time, null)));
    }

    private static CalibrationReport Walk(params AlertRule[] rules) => Calibration.Walk(AlertBench.Routed(rules), [.. Looks().Select(s => Observation.Of(s, true))], null, null);

    private static IEnumerable<Signal> Looks() => Enumerable.Range(1, 31).Select(day => Look(day, BadDays.Contains(day)));

    private static Signal Look(int day, bool bad) => new()
    {
        Kind = SignalKind.Check, Subject = "flights", Name = "size", Period = $"2001-01-{day:00}", Bad = bad, Severity = Severity.Error, Message = "m", At = AlertBench.Noon, Run = $"r{day}",
    };
}
