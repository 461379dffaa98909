using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Arrival;
using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.Web.Tests.Predict;

/// <summary>Data that were promised do not come: what predictions say, and when they say it no more.</summary>
public sealed class MissingDataTests
{
    private const string Note = "dataset flights: partition 2026-03-02 missing since 2026-03-03T04:00:00Z; there are no data";
    private const string Body = $$"""{"rows":[{{Flights.GoodRow}}]}""";

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Predict_PeriodMissed_EachAnswerAndItsRecordSaySoUntilItComes()
    {
        await using var host = await StartAsync(MissingPolicy.KeepLast);
        (await host.AskAsync(Body)).Body["notes"].ShouldBeNull();

        await MissAsync(host);
        var (status, answer) = await host.AskAsync(Body);
        status.ShouldBe(200);
        answer["notes"]!.AsArray().Select(n => (string?)n).ShouldBe([Note]);
        (await host.GetAsync("/v1/datasets"))["datasets"]![0]!["arrival"]!.ToJsonString().ShouldBe(new JsonObject
        {
            ["outcome"] = "missed", ["period"] = "2026-03-02", ["due"] = "2026-03-03T04:00:00+00:00", ["deadline"] = "2026-03-03T06:00:00+00:00",
            ["missing"] = new JsonArray("2026-03-02"), ["onMissing"] = "keep-last", ["note"] = Note,
        }.ToJsonString());

        await CommitAsync(host);
        await host.Get<DataNotes>().RefreshAsync();
        (await host.AskAsync(Body)).Body["notes"].ShouldBeNull();

        await host.Predictions.FlushAsync();
        Notes(host).ShouldBe([null, Note, null]);
    }

    [Fact]
    public async Task Predict_PolicyStop_IsRefusedUntilItComes()
    {
        await using var host = await StartAsync(MissingPolicy.Stop);
        await MissAsync(host);

        var (status, problem) = await host.AskAsync(Body);
        (status, (string?)problem["title"], (string?)problem["detail"]).ShouldBe((503, "Data are missing", $"Nothing is predicted from old data: {Note} (onMissing: stop)."));

        await CommitAsync(host);
        await host.Get<DataNotes>().RefreshAsync();
        (await host.AskAsync(Body)).Status.ShouldBe(200);
    }

    private Task<WebHost> StartAsync(MissingPolicy policy) =>
        WebHost.StartAsync(Flights.Promised(policy), services: s => s.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)));

    private async Task MissAsync(WebHost host)
    {
        await host.Get<DataNotes>().RefreshAsync();
        time.SetUtcNow(new DateTimeOffset(2026, 3, 3, 6, 0, 0, TimeSpan.Zero));
        await host.Get<DataNotes>().RefreshAsync();
    }

    private Task CommitAsync(WebHost host) => host.Get<IDatasetHistory>().AppendAsync("flights", (_, version) => new Commit
    {
        Dataset = "flights", Version = version, Drop = "d", File = "2026-03-02.csv", Bytes = 1, WrittenAt = time.GetUtcNow(), By = "test", Run = "ingest-1", ContractVersion = "c0ffee",
        CodeVersion = "v", Quarantined = 0, Partitions = [new PartitionEntry { Id = "p1", Key = "2026-03-02", Path = "data/flights/p1.parquet", Rows = 1, Bytes = 1, Sha256 = "" }],
    });

    private static string?[] Notes(WebHost host)
    {
        using var duck = new DuckDBConnection("DataSource=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = $"select notes from '{host.Folder}/objects/predictions/late/*/*/*.parquet' order by id";
        using var reader = command.ExecuteReader();
        var notes = new List<string?>();
        while (reader.Read()) notes.Add(reader.IsDBNull(0) ? null : reader.GetString(0));
        return [.. notes];
    }
}
