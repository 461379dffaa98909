using System.Text.Json;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Series.Anomalies;
using Serverless.Testing;

namespace Serverless.Core.Tests.Series;

public sealed class AnomalyWatchTests
{
    private static readonly AnomalyDefinition Doubled = StoredDataset.Rule("size", "relative-rate", Severity.Error, ("max", "2.0"));

    [Fact]
    public async Task Commit_WithAnAnomaly_IsStoredSignalledAndSaid()
    {
        using var data = new StoredDataset([Doubled]);
        await WatchAsync(data, await data.DayAsync("2001-01-01", 2));

        var said = await WatchAsync(data, await data.DayAsync("2001-01-02", 5));

        said.ShouldBe(["size of 2001-01-02 is 5, expected at most 4 (relative-rate: max 2.0, order 1)"]);
        var result = (await ResultsAsync(data, 2))[0];
        (result.Value, result.Lower, result.Upper, result.Anomalous, result.Strategy).ShouldBe((5, null, 4, true, "relative-rate"));
        result.Parameters.ShouldBe(new Dictionary<string, string> { ["max"] = "2.0", ["order"] = "1" });
        var signal = (await SignalsAsync(data)).ShouldHaveSingleItem(); // the first day had no history: nothing to say
        (signal.Kind, signal.Subject, signal.Name, signal.Period, signal.Bad, signal.Severity, signal.Value).ShouldBe((SignalKind.Anomaly, "flights", "size", "2001-01-02", true, Severity.Error, 5));
        signal.Expectation.ShouldBe("at most 4 (relative-rate: max 2.0, order 1)");
    }

    [Fact]
    public async Task Commit_LookedAtAgain_SaysAndStoresTheSame()
    {
        using var data = new StoredDataset([Doubled]);
        await data.DayAsync("2001-01-01", 2);
        var second = await data.DayAsync("2001-01-02", 5);
        var first = await WatchAsync(data, second);
        var stored = await TextAsync(data, 2);

        // More data came in between: the answer is about the data as they were.
        await data.DropAsync("drop-1.csv", ("2001-01-01", [1, 2, 3, 4], 0));
        var again = await WatchAsync(data, second);

        again.ShouldBe(first);
        (await TextAsync(data, 2)).ShouldBe(stored);
        (await SignalsAsync(data)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task LatePartition_IsJudgedAtItsOwnPlace()
    {
        using var data = new StoredDataset([Doubled]);
        await data.DayAsync("2001-01-01", 10);
        await data.DayAsync("2001-01-03", 100);

        var said = await WatchAsync(data, await data.DayAsync("2001-01-02", 15));

        said.ShouldBeEmpty(); // against the day before it, not against the newest
        (await SignalsAsync(data)).ShouldHaveSingleItem().Bad.ShouldBeFalse();
    }

    [Fact]
    public async Task RulesOfOneMetric_SpeakWithOneVoice()
    {
        using var data = new StoredDataset([Doubled, StoredDataset.Rule("size", "threshold", Severity.Critical, ("max", "4")), StoredDataset.Rule("size", "threshold", Severity.Info, ("max", "9"))]);
        await data.DayAsync("2001-01-01", 2);

        await WatchAsync(data, await data.DayAsync("2001-01-02", 5));

        (await ResultsAsync(data, 2)).Select(r => r.Anomalous).ShouldBe([true, true, false]);
        var signal = (await SignalsAsync(data)).ShouldHaveSingleItem();
        (signal.Bad, signal.Severity).ShouldBe((true, Severity.Critical));
        signal.Message.ShouldContain("threshold");
        signal.Message.ShouldContain("relative-rate");
    }

    [Fact]
    public async Task NoValue_IsNoAnomaly()
    {
        using var data = new StoredDataset([StoredDataset.Rule("mean(delay)", "absolute-change", Severity.Warning, ("max", "1"))]);
        await data.DropAsync(("2001-01-01", [1], 0));

        await WatchAsync(data, await data.DropAsync(("2001-01-02", [null], 0)));
        var said = await WatchAsync(data, await data.DropAsync(("2001-01-03", [5], 0)));

        (await ResultsAsync(data, 2))[0].NotApplicable.ShouldBe("no value: the column is empty");
        said.ShouldBe(["mean(delay) of 2001-01-03 is 5, expected at most 2 (absolute-change: max 1, order 1)"]); // against the last value that is there
    }

    private static Task<IReadOnlyList<string>> WatchAsync(StoredDataset data, Commit commit) => data.Get<ICommitObserver>().ObserveAsync(commit, commit.Run);

    private static async Task<string?> TextAsync(StoredDataset data, int version)
    {
        var commit = (await data.Get<IDatasetHistory>().CommitsAsync("flights"))[version - 1];
        return await data.Objects.ReadTextAsync(Path.ChangeExtension(commit.Partitions[0].Path, ".anomalies.json"));
    }

    private static async Task<IReadOnlyList<AnomalyResult>> ResultsAsync(StoredDataset data, int version) =>
        JsonSerializer.Deserialize<PartitionAnomalies>((await TextAsync(data, version))!, ServerlessJson.Options)!.Results;

    private static async Task<List<Signal>> SignalsAsync(StoredDataset data)
    {
        var found = new List<Signal>();
        await foreach (var signal in data.Get<ISignals>().ReadAsync(new DateOnly(2001, 6, 1), new DateOnly(2001, 6, 1))) found.Add(signal);
        return found;
    }
}
