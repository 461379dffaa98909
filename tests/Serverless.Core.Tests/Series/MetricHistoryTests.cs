using System.Globalization;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Series;
using Serverless.Storage;

namespace Serverless.Core.Tests.Series;

public sealed class MetricHistoryTests
{
    [Fact]
    public async Task Figures_OfEverySource_BecomePoints()
    {
        using var data = new StoredDataset();
        await data.DropAsync(("2001-01-01", [1, 2, 3, null], 1), ("2001-01-02", [10, 20], 0));

        StoredDataset.Values(await data.ReadAsync("size")).ShouldBe([4, 2]);
        StoredDataset.Values(await data.ReadAsync("quarantined")).ShouldBe([0.2, 0]);
        StoredDataset.Values(await data.ReadAsync("completeness(delay)")).ShouldBe([0.75, 1]);
        StoredDataset.Values(await data.ReadAsync("nulls(delay)")).ShouldBe([1, 0]);
        StoredDataset.Values(await data.ReadAsync("distinct(delay)")).ShouldBe([3, 2]);
        StoredDataset.Values(await data.ReadAsync("mean(delay)")).ShouldBe([2, 15]);
        StoredDataset.Values(await data.ReadAsync("max( delay )")).ShouldBe([3, 20]);
        StoredDataset.Values(await data.ReadAsync("quantile(delay, 0.50)")).ShouldBe([2, 15]);
        StoredDataset.Values(await data.ReadAsync("entropy(origin)")).ShouldBe([0.04, 0.02]);
        (await data.ReadAsync("quantile(delay, 0.50)")).Metric.ShouldBe("quantile(delay, 0.5)");
    }

    [Fact]
    public async Task Correction_ReplacesItsPredecessorAndAsOfStillShowsIt()
    {
        using var data = new StoredDataset();
        await data.DropAsync("a.csv", ("2001-01-01", [1, 2], 0));
        await data.DropAsync("a.csv", ("2001-01-01", [1, 2, 6], 0));

        StoredDataset.Values(await data.ReadAsync("mean(delay)")).ShouldBe([3]);
        StoredDataset.Values(await data.ReadAsync("mean(delay)", new MetricQuery { AsOf = AsOf.AtVersion(1) })).ShouldBe([1.5]);
    }

    [Fact]
    public async Task TwoDropsOfOnePeriod_AreOnePointAsFarAsThatGoes()
    {
        using var data = new StoredDataset();
        await data.DropAsync(("2001-01-01", [1, 2, 3, null], 1));
        await data.DropAsync(("2001-01-01", [10, 20], 0));

        StoredDataset.Values(await data.ReadAsync("size")).ShouldBe([6]);
        StoredDataset.Values(await data.ReadAsync("completeness(delay)")).ShouldBe([1 - (1.0 / 6)]);
        StoredDataset.Values(await data.ReadAsync("mean(delay)")).ShouldBe([7.2]);
        StoredDataset.Values(await data.ReadAsync("quarantined")).Single()!.Value.ShouldBe(1.0 / 7, 1e-12);
        (await data.ReadAsync("stddev(delay)")).Points[0].Value!.Value.ShouldBe(7.981227975694, 1e-9); // numpy.std([1, 2, 3, 10, 20], ddof=1)
        (await data.ReadAsync("entropy(origin)")).Points[0].ShouldSatisfyAllConditions(
            p => p.Value.ShouldBeNull(), p => p.Reason.ShouldBe("2 partitions are this period, and 'entropy' of them together needs their rows"));
    }

    [Fact]
    public async Task MissingPeriods_AreGaps()
    {
        using var data = new StoredDataset();
        foreach (var day in new[] { "2001-01-01", "2001-01-02", "2001-01-04", "2001-02-28", "2001-03-01" }) await data.DayAsync(day, 2);

        (await data.ReadAsync("size")).Gaps.ShouldBe([new SeriesGap("2001-01-03", "2001-01-03", 1), new SeriesGap("2001-01-05", "2001-02-27", 54)]);
        (await data.ReadAsync("size", new MetricQuery { From = "2001-01-02", To = "2001-02" })).Points.Select(p => p.Period).ShouldBe(["2001-01-02", "2001-01-04", "2001-02-28"]);
    }

    [Fact]
    public async Task AnEmptyColumn_HasNoValueAndSaysWhy()
    {
        using var data = new StoredDataset();
        await data.DropAsync(("2001-01-01", [null, null], 0));

        (await data.ReadAsync("mean(delay)")).Points[0].ShouldSatisfyAllConditions(p => p.Value.ShouldBeNull(), p => p.Reason.ShouldBe("the column is empty"));
        (await data.ReadAsync("nulls(date)")).Points[0].Reason.ShouldBe("the column was not in the contract then");
    }

    [Theory]
    [InlineData("mean(dely)", "dataset 'flights': metric 'mean(dely)': there is no column 'dely'. Did you mean 'delay'?")]
    [InlineData("meen(delay)", "dataset 'flights': unknown metric 'meen'. Did you mean 'mean'?")]
    public async Task AnUnknownMetric_IsSaid(string metric, string expected)
    {
        using var data = new StoredDataset();

        (await Should.ThrowAsync<RequestException>(() => data.ReadAsync(metric))).Message.ShouldBe(expected);
    }

    [Fact]
    public async Task AReportOfANewerVersion_IsAnErrorThatNamesIt()
    {
        using var data = new StoredDataset();
        var entry = (await data.DayAsync("2001-01-01", 2)).Partitions[0];
        await data.Objects.PutAsync(Path.ChangeExtension(entry.Path, ".profile.json"), Testing.ObjectText.Of("""{"schemaVersion":99,"rows":2,"columns":[]}"""));

        (await Should.ThrowAsync<EnvironmentException>(() => data.ReadAsync("mean(delay)"))).Message.ShouldContain("was written by a newer version of the program (schema 99");
    }

    [Fact]
    public async Task AYearOfDays_IsReadInParallelWithABoundAndOnce()
    {
        SlowReads? slow = null;
        using var data = new StoredDataset(wrap: objects => slow = new SlowReads(objects));
        await data.DropAsync([.. Enumerable.Range(0, 365).Select(d => (new DateTime(2001, 1, 1).AddDays(d).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), new int?[] { d, d + 1 }, 0))]);
        await data.Get<IDatasetHistory>().CommitsAsync("flights");
        slow!.Reads = 0;

        var series = await data.Get<IMetricHistory>().ReadAsync("flights", ["mean(delay)", "completeness(delay)", "size", "mean(delay)"]);
        var again = await data.ReadAsync("mean(delay)");

        StoredDataset.Values(series[0]).ShouldBe(Enumerable.Range(0, 365).Select(d => (double?)(d + 0.5)));
        StoredDataset.Values(series[3]).ShouldBe(StoredDataset.Values(series[0]));
        StoredDataset.Values(again).ShouldBe(StoredDataset.Values(series[0]));
        slow.Reads.ShouldBe(365 + 2); // each profile once, and twice a look for a newer commit
        slow.Most.ShouldBeInRange(2, 16);
    }

    /// <summary>Counts reads, and how many were under way at once.</summary>
    private sealed class SlowReads(IObjectStore inner) : IObjectStore
    {
        private int now;
        private int most;

        public int Reads;

        public int Most => most;

        public async Task<Stream?> OpenReadAsync(string key, CancellationToken cancel = default)
        {
            Interlocked.Increment(ref Reads);
            var here = Interlocked.Increment(ref now);
            for (var seen = most; here > seen && Interlocked.CompareExchange(ref most, here, seen) != seen; seen = most) { }
            await Task.Delay(2, cancel);
            try
            {
                return await inner.OpenReadAsync(key, cancel);
            }
            finally
            {
                Interlocked.Decrement(ref now);
            }
        }

        public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancel = default) => inner.HeadAsync(key, cancel);

        public Task<ObjectInfo?> PutIfAbsentAsync(string key, Stream content, CancellationToken cancel = default) => inner.PutIfAbsentAsync(key, content, cancel);

        public Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancel = default) => inner.PutAsync(key, content, cancel);

        public Task<ObjectInfo?> ReplaceAsync(string key, Stream content, string etag, CancellationToken cancel = default) => inner.ReplaceAsync(key, content, etag, cancel);

        public Task<bool> DeleteAsync(string key, CancellationToken cancel = default) => inner.DeleteAsync(key, cancel);

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after = null, CancellationToken cancel = default) => inner.ListAsync(prefix, after, cancel);

        public Task<LocalObject> MaterialiseAsync(string key, CancellationToken cancel = default) => inner.MaterialiseAsync(key, cancel);
    }
}
