using Microsoft.Extensions.Time.Testing;
using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.FeatureViews.Online;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.FeatureViews;

/// <summary>What a request gets that does not bring a looked-up value.</summary>
public sealed class OnlineLookupsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RawSchema Schema = new(
    [
        new RawColumn("origin", ColumnType.String, true),
        new RawColumn("mean", ColumnType.Number, false, Lookup: new LookupDefinition
        {
            Kind = LookupKind.View, Source = "stats", Column = "mean_delay", Type = ColumnType.Number, Keys = [new LookupKey("airport", "origin")], Dataset = "flights",
        }),
    ]);

    private readonly LocalStore store = new();
    private readonly FakeTimeProvider time = new(Start);
    private readonly Switch records;

    public OnlineLookupsTests() => records = new Switch(store.Records);

    public Task InitializeAsync() => RefreshAsync("run-1", 7.5);

    public Task DisposeAsync()
    {
        store.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Fill_ValueNotGiven_IsTheOnlineOne() => Mean(Lookups(), "ATL").ShouldBe(7.5);

    [Fact]
    public void Fill_ValueGiven_StaysAsItIs() => Mean(Lookups(), "ATL", given: 1).ShouldBe(1);

    [Fact]
    public void Fill_ValueGivenAsNull_StaysMissing() => Mean(Lookups(), "ATL", given: double.NaN).ShouldBeNull();

    [Theory, InlineData("never seen"), InlineData(null)]
    public void Fill_UnknownOrEmptyKey_IsMissing(string? origin) => Mean(Lookups(), origin).ShouldBeNull();

    [Fact]
    public void Fill_ValueOlderThanItsTimeToLive_IsMissing()
    {
        var lookups = Lookups();
        time.Advance(TimeSpan.FromDays(2));
        Mean(lookups, "ATL").ShouldBe(7.5);
        time.Advance(TimeSpan.FromTicks(1));
        Mean(lookups, "ATL").ShouldBeNull();
    }

    [Fact]
    public async Task Fill_AfterARefresh_IsTheNewValueWithinSeconds()
    {
        var lookups = Lookups();
        Mean(lookups, "ATL").ShouldBe(7.5);
        await RefreshAsync("run-2", 9);
        time.Advance(TimeSpan.FromSeconds(6));
        Mean(lookups, "ATL").ShouldBe(9);
    }

    [Fact]
    public void Fill_StoreDoesNotAnswer_KeepsWhatWasKnownAndFailsNoRequest()
    {
        var lookups = Lookups();
        Mean(lookups, "ATL").ShouldBe(7.5);
        records.Broken = true;
        time.Advance(TimeSpan.FromMinutes(1));
        Mean(lookups, "ATL").ShouldBe(7.5);
        Mean(lookups, "ORD").ShouldBeNull();

        records.Broken = false;
        time.Advance(TimeSpan.FromMinutes(1));
        Mean(lookups, "ORD").ShouldBe(8.5);
    }

    [Fact]
    public void Fill_FeatureThatTheViewNoLongerHas_IsMissing()
    {
        var other = new RawSchema([Schema.Columns[0], Schema.Columns[1] with { Lookup = Schema.Columns[1].Lookup! with { Column = "median_delay" } }]);
        var row = other.NewRow();
        row.SetText(0, "ATL");
        Lookups().Fill(row, [true, false], other, [1]);
        row.Present[1].ShouldBeFalse();
    }

    private OnlineLookups Lookups() => new(new OnlineTable(records), time);

    private static double? Mean(OnlineLookups lookups, string? origin, double? given = null)
    {
        var row = Schema.NewRow();
        row.SetText(0, origin);
        if (given is { } value) row.SetNumber(1, value);
        lookups.Fill(row, [true, given is not null], Schema, [1]);
        return row.Present[1] ? row.Numbers[1] : null;
    }

    private async Task RefreshAsync(string run, double mean)
    {
        var online = new OnlineTable(store.Records);
        var values = new Table(2,
        [
            new StringColumn("airport", [0, 1], ["ATL", "ORD"], new bool[2]),
            new TimestampColumn("_time", [Start.UtcTicks, Start.UtcTicks], new bool[2]),
            new NumberColumn("mean_delay", [mean, mean + 1], new bool[2]),
        ]);
        var buckets = await online.WriteAsync("stats", run, values, 1, default);
        var head = new OnlineHead { Source = "stats", Generation = run, At = time.GetUtcNow(), DatasetVersion = 1, Keys = 2, Buckets = buckets, Features = ["mean_delay"], Ttl = TimeSpan.FromDays(2) };
        (await online.MoveAsync(head, default)).ShouldBeTrue();
    }

    /// <summary>A store that can be cut off.</summary>
    private sealed class Switch(IRecordStore inner) : IRecordStore
    {
        public bool Broken { get; set; }

        public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
            Broken ? throw new EnvironmentException("the store does not answer") : inner.GetAsync(table, partition, row, cancel);

        public Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => inner.InsertAsync(table, partition, row, json, cancel);

        public Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) => inner.ReplaceAsync(table, partition, row, json, etag, cancel);

        public Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => inner.UpsertAsync(table, partition, row, json, cancel);

        public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default) => inner.DeleteAsync(table, partition, row, etag, cancel);

        public IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default) => inner.QueryAsync(table, partition, after, prefix, cancel);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default) => inner.PartitionsAsync(table, cancel);
    }
}
