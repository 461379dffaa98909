using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.Web.Tests.Data;

/// <summary>Figures of a dataset over its periods, over HTTP.</summary>
public sealed class MetricEndpointsTests : IAsyncLifetime
{
    private const string Route = "/v1/datasets/flights/metrics";
    private WebHost host = null!;

    public async Task InitializeAsync()
    {
        var workspace = Flights.Workspace();
        static Parameter Given(string text) => new([text], false, 1, 1);
        var rule = new AnomalyDefinition { Metric = Given("size"), Strategy = Given("relative-rate"), Severity = Severity.Warning, Parameters = new Dictionary<string, Parameter> { ["max"] = Given("2.0") } };
        host = await WebHost.StartAsync(workspace with { Datasets = new Dictionary<string, DatasetDefinition> { ["flights"] = workspace.Dataset("flights") with { Anomalies = [rule] } } }, champions: false);
        long[] sizes = [2, 3, 2, 5];
        for (var i = 0; i < sizes.Length; i++)
        {
            var (id, key) = ($"p{i}", $"2026-03-0{i + 1}");
            var entry = new PartitionEntry { Id = id, Key = key, Path = PartitionKey.DataPath("flights", key, id, ".parquet"), Rows = sizes[i], Bytes = 1, Sha256 = "" };
            await host.Get<IDatasetHistory>().AppendAsync("flights", (_, version) => new Commit
            {
                Dataset = "flights", Version = version, Drop = id, File = $"{key}.csv", Bytes = 1, WrittenAt = new DateTimeOffset(2026, 4, 1, 0, 0, version, TimeSpan.Zero), By = "test", Run = "ingest-1",
                ContractVersion = "c0ffee", CodeVersion = "v", Quarantined = 0, Partitions = [entry],
            });
        }
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    // REFERENCE: relative rate of change, max increase 2.0: size 2 -> 5 is anomalous.
    [Fact]
    public async Task List_AMetric_HasItsPointsWithTheBoundsOfTheRule()
    {
        var answer = await host.GetAsync($"{Route}?name=size");

        answer["dataset"]!.GetValue<string>().ShouldBe("flights");
        var series = answer["series"]!.AsArray().ShouldHaveSingleItem()!;
        series["metric"]!.GetValue<string>().ShouldBe("size");
        series["points"]!.AsArray().Select(p => (p!["period"]!.GetValue<string>(), p["value"]!.GetValue<double>(), p["anomalous"]!.GetValue<bool>()))
            .ShouldBe([("2026-03-01", 2, false), ("2026-03-02", 3, false), ("2026-03-03", 2, false), ("2026-03-04", 5, true)]);
        series["points"]![3]!["results"]![0]!.ToJsonString().ShouldContain("relative-rate");
        answer["next"].ShouldBeNull();
    }

    [Fact]
    public async Task List_PagedAndCut_VisitsEachPeriodOnce()
    {
        var first = await host.GetAsync($"{Route}?name=size&limit=3");
        first["next"]!.GetValue<string>().ShouldBe("2026-03-03");
        Periods(first).ShouldBe(["2026-03-01", "2026-03-02", "2026-03-03"]);
        Periods(await host.GetAsync($"{Route}?name=size&limit=3&after={first["next"]}")).ShouldBe(["2026-03-04"]);
        Periods(await host.GetAsync($"{Route}?name=size&from=2026-03-02&to=2026-03-03")).ShouldBe(["2026-03-02", "2026-03-03"]);
    }

    [Theory]
    [InlineData("/v1/datasets/fligths/metrics", 404, "dataset 'fligths' is not in this workspace. Did you mean 'flights'?")]
    [InlineData(Route + "?name=szie", 400, "szie")]
    [InlineData(Route + "?name=mean(nope)", 400, "nope")]
    [InlineData(Route + "?name=size&limit=0", 400, "limit")]
    public async Task List_SomethingUnknown_SaysWhat(string path, int status, string because) => (await host.GetAsync(path, status))["detail"]!.GetValue<string>().ShouldContain(because);

    [Fact]
    public async Task OfModel_TrainedOnTwoDays_HasBothAndSaysWhatIsUnknown()
    {
        for (var day = 1; day <= 2; day++)
        {
            var at = new DateTimeOffset(2026, 3, day, 12, 0, 0, TimeSpan.Zero);
            var run = new Runs.RunRecord
            {
                Id = $"train-2026030{day}120000-abcdef", Kind = "train", Subject = "late", State = "done", Status = Runs.RunStatus.Done, CreatedAt = at, UpdatedAt = at,
                Data = System.Text.Json.JsonSerializer.SerializeToElement(new { report = new { metrics = new { auc = 0.6 + (day / 100.0) } } }),
            };
            await host.Get<Storage.IRecordStore>().InsertAsync("runs", "train", run.Id, System.Text.Json.JsonSerializer.Serialize(run, ServerlessJson.Options));
        }

        var answer = await host.GetAsync("/v1/models/late/metrics");
        answer["model"]!.GetValue<string>().ShouldBe("late");
        answer["series"]![0]!["points"]!.AsArray().Select(p => (p!["period"]!.GetValue<string>(), p["value"]!.GetValue<double>())).ShouldBe([("2026-03-01", 0.61), ("2026-03-02", 0.62)]);
        Periods(await host.GetAsync("/v1/models/late/metrics?name=auc&limit=1")).ShouldBe(["2026-03-01"]);
        (await host.GetAsync("/v1/models/late/metrics?name=acu", 400))["detail"]!.GetValue<string>().ShouldContain("Did you mean 'auc'?");
        (await host.GetAsync("/v1/models/lat/metrics", 404))["detail"]!.GetValue<string>().ShouldContain("Did you mean 'late'?");
        (await host.GetAsync("/v1/models/late/performance"))["series"]![0]!["weeks"]![0]!["median"]!.GetValue<double>().ShouldBe(0.61);
    }

    private static IEnumerable<string> Periods(System.Text.Json.Nodes.JsonNode page) => page["series"]![0]!["points"]!.AsArray().Select(p => p!["period"]!.GetValue<string>());
}
