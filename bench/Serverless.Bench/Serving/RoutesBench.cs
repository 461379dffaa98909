using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Local;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Workspaces;

namespace Serverless.Bench.Serving;

/// <summary>The same row by our own route, Open Inference Protocol and MLflow's, in turn on one server; and a hundred rows in one request beside what the model scores of the same rows in process, on one core.</summary>
internal sealed class RoutesBench : IBench
{
    private const int WarmUp = 30;
    private const int Turns = 5;
    private const int Seconds = 3;
    private const int Rows = 100;
    private const string Model = "flight-delay";

    private static readonly string[] Airports = ["ORD", "LGA", "ATL", "DFW", "LAX", "PHX", "DEN", "SEA"];

    private static readonly (string Name, string Path, string Body)[] Routes =
    [
        ("own", $"/v1/models/{Model}/predict", Servers.Body),
        ("oip", $"/v2/models/{Model}/infer",
            """{"inputs":[{"name":"date","shape":[1],"datatype":"BYTES","data":["2001-03-02T18:30:00Z"]},{"name":"distance","shape":[1],"datatype":"INT64","data":[733]},{"name":"origin","shape":[1],"datatype":"BYTES","data":["ORD"]},{"name":"destination","shape":[1],"datatype":"BYTES","data":["LGA"]}]}"""),
        ("mlflow", $"/v1/models/{Model}/invocations", """{"dataframe_split":{"columns":["date","distance","origin","destination"],"data":[["2001-03-02T18:30:00Z",733,"ORD","LGA"]]}}"""),
        ("hundred", $"/v1/models/{Model}/predict", $"{{\"rows\":[{string.Join(',', Enumerable.Range(0, Rows).Select(Row))}]}}"),
    ];

    public string Name => "routes";

    public string Description => "own route, Open Inference Protocol and MLflow scoring; 100 rows a request against the model in process";

    public int Rounds => 1;

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["http"] = HttpAsync, ["process"] = InProcessAsync,
    };

    public Task PrepareAsync() => Servers.PrepareAsync();

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        var (http, process) = (medians["http"], medians["process"]["rows/s"]);
        Console.WriteLine(FormattableString.Invariant($"own route {http["own"]:0}/s, OIP {http["oip/own"]:P0} of it (at least 90 %), MLflow {http["mlflow/own"]:P0}"));
        Console.WriteLine(FormattableString.Invariant($"{Rows} rows a request: {http["hundred"] * Rows:0} rows/s, the model in process {process:0} rows/s: {http["hundred"] * Rows / process:P0} (at least 60 %)"));
    }

    private static async Task<IReadOnlyDictionary<string, double>> HttpAsync()
    {
        using var server = Servers.Serverless(5741);
        await server.FirstAnswerAsync();
        var root = new Uri(server.Address).GetLeftPart(UriPartial.Authority);
        foreach (var route in Routes) await Load.RunAsync(root + route.Path, WarmUp, route.Body, failures: true);
        var turns = new List<Dictionary<string, double>>();
        for (var turn = 0; turn < Turns; turn++)
        {
            var figures = new Dictionary<string, double>();
            foreach (var route in Routes) figures[route.Name] = (await Load.RunAsync(root + route.Path, Seconds, route.Body)).PerSecond;
            foreach (var other in new[] { "oip", "mlflow" }) figures[$"{other}/own"] = figures[other] / figures["own"];
            turns.Add(figures);
            await Console.Error.WriteLineAsync($"  turn {turn + 1}  " + string.Join("  ", figures.Select(f => $"{f.Key} {f.Value.ToString("0.##", CultureInfo.InvariantCulture)}")));
        }

        return turns[0].Keys.ToDictionary(k => k, k => turns.Select(t => t[k]).Order().ElementAt(Turns / 2));
    }

    /// <summary>Features and trees of rows that are in memory, one thread.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> InProcessAsync()
    {
        await using var services = new ServiceCollection().AddServerless(WorkspaceLoader.Load(Servers.Workspace)).AddLocalStorage(Path.Combine(Servers.Workspace, ".serverless")).AddLogging().BuildServiceProvider();
        var registry = services.GetRequiredService<IModelRegistry>();
        var served = new ServedModel(await registry.LoadAsync(Model, (await registry.AliasAsync(Model, Alias.Champion))!.Value), "champion", []);
        var schema = new RawSchema(served.Pipeline.Schema.Inputs);
        RawRow[] rows = [.. Enumerable.Range(0, Rows).Select(i => Read(Row(i), served, schema))];
        var (features, outputs) = (new float[served.Pipeline.Schema.FeatureCount], new double[served.Pipeline.Schema.Outputs]);
        var found = new List<double>();
        for (var turn = 0; turn < Turns + 2; turn++)
        {
            var watch = Stopwatch.StartNew();
            long scored = 0;
            while (watch.Elapsed < TimeSpan.FromSeconds(Seconds))
            {
                foreach (var row in rows) served.Pipeline.Score(row, features, outputs);
                scored += Rows;
            }

            if (turn > 1) found.Add(scored / watch.Elapsed.TotalSeconds);
        }

        return new Dictionary<string, double> { ["rows/s"] = found.Order().ElementAt(found.Count / 2) };
    }

    private static RawRow Read(string json, ServedModel served, RawSchema schema)
    {
        var row = schema.NewRow();
        RequestReader.ReadRow(Encoding.UTF8.GetBytes(json), default, served, row);
        return row;
    }

    private static string Row(int i) => FormattableString.Invariant(
        $"{{\"date\":\"2001-03-{1 + (i % 28):00}T{i % 24:00}:{i * 7 % 60:00}:00Z\",\"distance\":{150 + (i * 37 % 2400)},\"origin\":\"{Airports[i % 8]}\",\"destination\":\"{Airports[((i * 3) + 1) % 8]}\"}}");
}
