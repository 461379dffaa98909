using CsCheck;
using System.Text.RegularExpressions;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Core.Tests.Alerts;

public sealed class SignalRecordsTests
{
    [Fact]
    public async Task Publish_TheSameTwiceInOtherCompany_IsReadAndCountedOnce()
    {
        using var bench = new AlertBench();
        Signal a = bench.Signal(true, "a"), b = bench.Signal(true, "b"), c = bench.Signal(true, "c");
        await bench.Signals.PublishAsync([a, b]);
        await bench.TickAsync();
        await bench.Signals.PublishAsync([b, a]);
        await bench.Signals.PublishAsync([a, b, c, c]);
        await bench.TickAsync();

        (await ReadAsync(bench)).Select(s => s.Name).Order().ShouldBe(["a", "b", "c"]);
        (await bench.TheAlertAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Publish_FiveHundredOverMidnight_AreReadByDayInOrder()
    {
        using var bench = new AlertBench(start: new DateTimeOffset(2026, 3, 2, 23, 59, 0, TimeSpan.Zero));
        var signals = Enumerable.Range(0, 500).Select(i => bench.Signal(false, $"c{i:000}") with { At = bench.Time.GetUtcNow().AddSeconds(i) }).ToArray();
        await bench.Signals.PublishAsync(signals);

        (await ReadAsync(bench)).ShouldBe(signals);
        var second = new List<Signal>();
        await foreach (var s in bench.Signals.ReadAsync(new DateOnly(2026, 3, 3), new DateOnly(2026, 3, 3))) second.Add(s);
        second.Count.ShouldBe(440);
    }

    [Fact]
    public async Task Signals_OfOneMoment_CountInTheOrderOfTheirPeriods()
    {
        using var bench = new AlertBench();
        await bench.Signals.PublishAsync([bench.Signal(false, period: "2001-01-07"), bench.Signal(true, period: "2001-01-05"), bench.Signal(true, period: "2001-01-06")]);
        await bench.TickAsync();
        (await bench.TheAlertAsync()).Status.ShouldBe(AlertStatus.Resolved);
    }

    [Fact]
    public async Task Signals_OfANewerVersion_AreLeftForItAndHoldUpNobody()
    {
        using var bench = new AlertBench();
        await bench.Signals.PublishAsync([bench.Signal(true, "new") with { SchemaVersion = 2 }]);
        await bench.LookAsync(true, "old");
        (await bench.TheAlertAsync()).Members.ShouldHaveSingleItem().Name.ShouldBe("old");
        bench.Log.Lines.ShouldContain(l => l.Event == 1206 && l.Text.Contains("schemaVersion 2; this one reads up to 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Alert_OfANewerVersion_IsLeftAlone()
    {
        using var bench = new AlertBench();
        await bench.LookAsync(true);
        var id = (await bench.TheAlertAsync()).Id;
        var json = (await bench.Store.Records.GetAsync("alerts", "alert", id))!.Json;
        await bench.Store.Records.UpsertAsync("alerts", "alert", id, json.Replace("\"schemaVersion\":1", "\"schemaVersion\":9", StringComparison.Ordinal));
        (await bench.Alerts.ListAsync()).ShouldBeEmpty();
        (await Should.ThrowAsync<EnvironmentException>(bench.Alerts.FindAsync(id))).Message.ShouldContain("schemaVersion 9; this one reads up to 1");
    }

    // Against .NET's regular expressions as another implementation
    [Fact]
    public void Fits_AnyGlobAndText_AgreesWithARegularExpression() => Gen.Select(Gen.Char["ab*?("].Array[0, 8], Gen.Char["ab()"].Array[0, 10]).Sample((glob, text) =>
    {
        var pattern = "^" + Regex.Escape(new string(glob)).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$";
        return AlertRules.Fits(glob, text) == Regex.IsMatch(new string(text), pattern);
    });

    [Fact]
    public void Fits_ManyStars_IsQuick() => AlertRules.Fits(string.Concat(Enumerable.Repeat("*a", 60)) + "b", new string('a', 20_000)).ShouldBeFalse();

    // A machine law: what is handed over twice counts once, whatever the order of hand-overs
    [Fact]
    public void Apply_EachSignalTwice_IsAsOnce() => Gen.Bool.Array[1, 40].Sample(looks =>
    {
        var rule = new AlertRule { Name = "r", Bad = 2, Of = 3, Good = 2 };
        Alert? once = null, twice = null;
        for (var i = 0; i < looks.Length; i++)
        {
            var signal = new Signal { Kind = SignalKind.Check, Subject = "s", Name = "n", Bad = looks[i], Severity = Severity.Error, Message = "m", At = AlertBench.Noon.AddMinutes(i) };
            once = AlertMachine.Apply(once, rule, signal, signal.At) ?? once;
            twice = AlertMachine.Apply(twice, rule, signal, signal.At) ?? twice;
            twice = AlertMachine.Apply(twice, rule, signal, signal.At) ?? twice;
        }

        return once?.Status == twice?.Status && once?.Count == twice?.Count && once?.Episodes == twice?.Episodes;
    });

    private static async Task<List<Signal>> ReadAsync(AlertBench bench)
    {
        var found = new List<Signal>();
        await foreach (var s in bench.Signals.ReadAsync(new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 4))) found.Add(s);
        return found;
    }
}
