using System.Text;
using Microsoft.Extensions.Time.Testing;
using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.FeatureViews.Online;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.FeatureViews;

/// <summary>What a request looks up is waited for before its rows are read.</summary>
public sealed class LookupFetchTests : IAsyncLifetime
{
    private const int Keys = 500;
    private readonly LocalStore store = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly CountedRecords records;
    private readonly ServedModel model;

    public LookupFetchTests()
    {
        records = new CountedRecords(store.Records);
        model = new ServedModel(new Sum(), "champion", [], new OnlineLookups(new OnlineTable(records), time));
    }

    public async Task InitializeAsync()
    {
        var online = new OnlineTable(store.Records);
        var values = new Table(Keys,
        [
            new StringColumn("key", [.. Enumerable.Range(0, Keys)], [.. Enumerable.Range(0, Keys).Select(k => $"k{k}")], null),
            new TimestampColumn("_time", [.. Enumerable.Repeat(time.GetUtcNow().UtcTicks, Keys)], null),
            new NumberColumn("mean", [.. Enumerable.Range(0, Keys).Select(k => k / 4.0)], null),
            new StringColumn("word", [.. Enumerable.Range(0, Keys).Select(k => k % 2)], ["a \"quoted\" wörd", "b"], null),
            new TimestampColumn("seen", [.. Enumerable.Range(0, Keys).Select(k => time.GetUtcNow().UtcTicks + k)], null),
        ]);
        var buckets = await online.WriteAsync("stats", "run-1", values, 1, default);
        var head = new OnlineHead { Source = "stats", Generation = "run-1", At = time.GetUtcNow(), DatasetVersion = 1, Keys = Keys, Buckets = buckets, Features = ["mean", "word", "seen"] };
        (await online.MoveAsync(head, default)).ShouldBeTrue();
    }

    public Task DisposeAsync()
    {
        store.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Fetch_ManyKeys_ReadsEachPartOnceAndTheRowsReadNothing()
    {
        var body = Body(Enumerable.Range(0, 400).Select(k => $"{{\"key\":\"k{k}\"}}"));
        await model.FetchAsync(body, 10_000);
        records.Gets.ShouldBeInRange(2, 1 + (Keys / 32) + 1);
        records.Broken = true;
        var request = new PredictionRequest();
        RequestReader.Read(body, model, request, new RequestLimits());
        request.Errors.ShouldBeNull();
        Enumerable.Range(0, 400).Select(k => request.Outputs(k)[0]).ShouldBe(Enumerable.Range(0, 400).Select(k => k / 4.0));

        // Within seconds nothing is read again.
        var gets = records.Gets;
        model.FetchAsync(body, 10_000).IsCompletedSuccessfully.ShouldBeTrue();
        records.Gets.ShouldBe(gets);
    }

    [Fact]
    public async Task Fetch_ValuesThatAreGivenOrKeysThatAreEmpty_AreNotAskedFor()
    {
        var body = Body(["""{"key":"k1","mean":1,"word":"x","seen":"2026-01-01T00:00:00Z"}""", """{"mean":3}""", """{"key":null}"""]);
        await model.FetchAsync(body, 10_000);
        records.Gets.ShouldBe(0);
    }

    [Fact]
    public async Task Fetch_StoreDoesNotAnswer_ValuesAreMissingAndItIsAskedOnce()
    {
        records.Broken = true;
        var body = Body(["""{"key":"k1"}""", """{"key":"k2"}"""]);
        await model.FetchAsync(body, 10_000);
        var gets = records.Gets;
        var request = new PredictionRequest();
        RequestReader.Read(body, model, request, new RequestLimits());
        (request.Errors, request.Outputs(0)[0], records.Gets).ShouldBe((null, -1, gets));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"rows\":")]
    [InlineData("{\"rows\":{}}")]
    [InlineData("{\"rows\":[1,{\"key\":\"k1\"}]}")]
    [InlineData("{\"rows\":[{\"key\":7,\"mean\":[1,{}],\"other\":{}}]}")]
    [InlineData("{\"rows\":[{\"key\":\"k1\"")]
    public async Task Fetch_NoRequest_ThrowsNothing(string body) => await model.FetchAsync(Encoding.UTF8.GetBytes(body), 10_000);

    private static byte[] Body(IEnumerable<string> rows) => Encoding.UTF8.GetBytes($"{{\"rows\":[{string.Join(',', rows)}]}}");

    /// <summary>Mean and length of the word and ticks past a second; -1 when nothing is there.</summary>
    private sealed class Sum : IScoringPipeline
    {
        public string Model => "sum";

        public int Version => 1;

        public ModelSchema Schema { get; } = new()
        {
            Task = TaskKind.Regression, Classes = [], FeatureCount = 1,
            Inputs = [new RawColumn("key", ColumnType.String, false), Of("mean", ColumnType.Number), Of("word", ColumnType.String), Of("seen", ColumnType.Timestamp)],
        };

        public void Score(RawRow row, Span<float> features, Span<double> outputs) =>
            outputs[0] = row.Present[1] ? row.Numbers[1] : row.Present[2] || row.Present[3] ? (row.Texts[2]?.Length ?? 0) + (row.Ticks[3] % TimeSpan.TicksPerSecond) : -1;

        private static RawColumn Of(string name, ColumnType type) => new(name, type, false, Lookup: new LookupDefinition
        {
            Kind = LookupKind.View, Source = "stats", Column = name, Type = type, Keys = [new LookupKey("key", "key")], Dataset = "flights",
        });
    }

    private sealed class CountedRecords(IRecordStore inner) : IRecordStore
    {
        private int gets;

        public int Gets => Volatile.Read(ref gets);

        public bool Broken { get; set; }

        public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
        {
            Interlocked.Increment(ref gets);
            return Broken ? throw new EnvironmentException("the store does not answer") : inner.GetAsync(table, partition, row, cancel);
        }

        public Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => inner.InsertAsync(table, partition, row, json, cancel);

        public Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) => inner.ReplaceAsync(table, partition, row, json, etag, cancel);

        public Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => inner.UpsertAsync(table, partition, row, json, cancel);

        public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default) => inner.DeleteAsync(table, partition, row, etag, cancel);

        public IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default) => inner.QueryAsync(table, partition, after, prefix, cancel);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default) => inner.PartitionsAsync(table, cancel);
    }
}
