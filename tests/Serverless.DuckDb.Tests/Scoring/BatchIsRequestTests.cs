using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Local;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Tests.Scoring;

/// <summary>A batch answers as requests of one row each do, to the last bit, and rejects what they refuse.</summary>
public sealed class BatchIsRequestTests : IDisposable
{
    private static readonly RawColumn[] Inputs =
    [
        new("x", ColumnType.Number, true), new("n", ColumnType.Integer, false), new("c", ColumnType.String, false), new("t", ColumnType.Timestamp, false), new("b", ColumnType.Boolean, false),
    ];

    private static readonly string[] Words = ["a", "b", "unseen", "a,b", "with \"quotes\"", "é", " a", "null", "0"];

    private static readonly Gen<string> Word = Gen.Int[0, Words.Length - 1].Select(i => Words[i]);

    /// <summary>A cell as text and as JSON; an empty text is a missing value.</summary>
    private static readonly Gen<(string Text, string Json)[]> Row = Gen.Select(
        Gen.Frequency((12, Gen.Double[-1e6, 1e6].Select(d => Number(d))), (1, Gen.Const(("", "null"))), (1, Gen.Const(("far", "\"far\""))), (1, Gen.Const(("1e400", "1e400")))),
        Gen.Frequency((8, Gen.Long[-1L << 53, 1L << 53].Select(n => (Text(n), Text(n)))), (2, Gen.Const(("", "null"))), (1, Gen.Const(("1.5", "1.5")))),
        Gen.Frequency((8, Word.Select(w => (w, JsonSerializer.Serialize(w)))), (2, Gen.Const(("", "null")))),
        Gen.Frequency((8, Gen.Long[0, 2_000_000_000].Select(s => DateTime.UnixEpoch.AddSeconds(s).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)).Select(t => (t, $"\"{t}\""))), (2, Gen.Const(("", "null"))), (1, Gen.Const(("soon", "\"soon\"")))),
        Gen.Frequency((8, Gen.Bool.Select(b => (b ? "true" : "false", b ? "true" : "false"))), (2, Gen.Const(("", "null")))),
        (x, n, c, t, b) => new[] { x, n, c, t, b });

    private readonly TempFolder folder = new();
    private readonly ServiceProvider services;

    public BatchIsRequestTests() => services = new ServiceCollection().AddServerless(new Workspace
    {
        Name = "test", Root = folder.Path, Hash = "h", Storage = new(), ApiKeys = [], Datasets = new Dictionary<string, DatasetDefinition>(), Models = new Dictionary<string, ModelDefinition>(),
    }).AddLocalStorage(folder.Path).AddDuckDb().AddSingleton(new BatchOptions { SmallText = 2_000 }).BuildServiceProvider();

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Score_AnyRows_AreTheAnswersOfRequests()
    {
        await RegisterAsync();
        var served = new ServedModel(await services.GetRequiredService<IModelRegistry>().LoadAsync("any", 1), "champion", []);
        var files = 0;
        await Row.Array[1, 60].SampleAsync(async rows =>
        {
            var (name, text) = Interlocked.Increment(ref files) % 2 == 0 ? ("rows.csv", Csv(rows)) : ("rows.jsonl", JsonLines(rows));
            var (predictions, rejects) = await ScoreAsync(name, text, rows.Length % 3 == 0 ? 7 : null);
            for (var row = 1; row <= rows.Length; row++)
            {
                var request = new PredictionRequest();
                RequestReader.Read(Encoding.UTF8.GetBytes($"{{\"rows\":[{{{string.Join(",", rows[row - 1].Select((cell, i) => $"\"{Inputs[i].Name}\":{cell.Json}"))}}}]}}"), served, request, new RequestLimits());
                if (request.Errors is null) predictions[row].ShouldBe(request.Outputs(0)[0]);
                else rejects.Keys.ShouldContain(row);
                (predictions.ContainsKey(row) ^ rejects.ContainsKey(row)).ShouldBeTrue();
                if (request.Errors is { } errors) errors.Fields.Select(f => f.Key.Split('.')[^1]).ShouldContain(rejects[row].Split(':')[1]);
            }

            (predictions.Count + rejects.Count).ShouldBe(rows.Length);
        }, iter: 12, threads: 1, seed: "0000Kq8n6bT1");
    }

    private async Task<(Dictionary<long, double> Predictions, Dictionary<long, string> Rejects)> ScoreAsync(string name, string text, int? partRows)
    {
        var engine = services.GetRequiredService<IRunEngine>();
        var objects = services.GetRequiredService<IObjectStore>();
        var key = $"landing/x/{name}";
        await objects.PutAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(text)));
        var run = await engine.DriveAsync(await engine.StartAsync(new ScoreState { Model = "any", Object = key, By = "test", PartRows = partRows }));
        run.Status.ShouldBe(RunStatus.Done, run.Reason);
        var report = JsonSerializer.Deserialize<ScoreState>(run.Data, ServerlessJson.Options)!.Report!;
        var (predictions, rejects) = (new Dictionary<long, double>(), new Dictionary<long, string>());
        foreach (var file in report.Files)
        {
            var table = await TableAsync(file, ("row", ColumnType.Integer), ("score", ColumnType.Number));
            for (var i = 0; i < table.Rows; i++) predictions.Add(((IntegerColumn)table["row"]).Values[i], ((NumberColumn)table["score"]).Values[i]);
        }

        foreach (var file in report.Rejects)
        {
            var table = await TableAsync(file, ("_row", ColumnType.Integer), ("_check", ColumnType.String));
            for (var i = 0; i < table.Rows; i++) rejects.Add(((IntegerColumn)table["_row"]).Values[i], ((StringColumn)table["_check"])[i]!);
        }

        (report.Rows, report.Rejected).ShouldBe((predictions.Count, rejects.Count));
        return (predictions, rejects);
    }

    private async Task<Table> TableAsync(string key, params (string Name, ColumnType Type)[] columns)
    {
        using var local = await services.GetRequiredService<IObjectStore>().MaterialiseAsync(key);
        return await services.GetRequiredService<IDataEngine>().ReadAsync([local.Path], [.. columns.Select(c => new ColumnDefinition { Name = c.Name, Type = c.Type })]);
    }

    /// <summary>A sum of everything that a row has, so that any difference shows.</summary>
    private async Task RegisterAsync()
    {
        var document = new PipelineDocument
        {
            Model = "any", Task = TaskKind.Regression, Label = "y", Classes = [], Predictor = "linear",
            Features = new FeaturePlanState
            {
                Inputs = Inputs,
                Features =
                [
                    new() { Name = "x", From = "x" }, new() { Name = "n", From = "n" }, new() { Name = "hour", From = "t.Hour" }, new() { Name = "b", From = "b" }, new() { Name = "c", From = "iif(c == \"a\", 3, 7)" },
                ],
            },
        };
        var registry = services.GetRequiredService<IModelRegistry>();
        var version = await registry.RegisterAsync(new ModelCandidate
        {
            Model = "any", Run = "r", Artefact = ModelPackage.Write(document, new LinearPredictor([0, 0, 0, 0, 0], [[2.5, 1e-9, 0.25, 17, 1000]], [1], Link.Identity)), Trainer = "linear", Schema = document.Schema(),
            Metrics = new Dictionary<string, double>(), NeedsApproval = false,
            Lineage = new Lineage
            {
                Dataset = "d", DatasetVersion = 1, Partitions = [], ContractVersion = "c", CodeVersion = "0", WorkspaceHash = "h", Seed = 1, Hyperparameters = new Dictionary<string, double>(),
                TrainFrom = DateTimeOffset.UnixEpoch, HoldoutFrom = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch,
            },
        });
        await registry.PromoteAsync("any", version.Version, "test", "");
    }

    private static string Csv((string Text, string Json)[][] rows) =>
        string.Join(",", Inputs.Select(c => c.Name)) + "\n" + string.Concat(rows.Select(r => string.Join(",", r.Select(c => $"\"{c.Text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\n"));

    private static string JsonLines((string Text, string Json)[][] rows) =>
        string.Concat(rows.Select(r => "{" + string.Join(",", r.Select((c, i) => $"\"{Inputs[i].Name}\":{c.Json}")) + "}\n"));

    private static (string, string) Number(double d) => (d.ToString("R", CultureInfo.InvariantCulture), d.ToString("R", CultureInfo.InvariantCulture));

    private static string Text(long n) => n.ToString(CultureInfo.InvariantCulture);
}
