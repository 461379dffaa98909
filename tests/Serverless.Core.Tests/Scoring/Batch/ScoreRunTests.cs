using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Erasure;
using Serverless.Features;
using Serverless.Local;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Profiles;
using Serverless.Registry;
using Serverless.Replay;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Scoring.Batch;

public sealed class ScoreRunTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly OneTable engine = new();
    private readonly ServiceProvider services;

    public ScoreRunTests() => services = new ServiceCollection()
        .AddServerless(new Workspace
        {
            Name = "test", Root = "workspace", Hash = "h", Storage = new(), ApiKeys = [], Datasets = new Dictionary<string, DatasetDefinition>(), Models = new Dictionary<string, ModelDefinition>(),
        })
        .AddLocalStorage(folder.Path).AddSingleton<IDataEngine>(engine).AddSingleton<IBatchFiles>(engine).AddSingleton<IRowFilter, NoRows>().AddSingleton<IQuarantineJudge, NoRows>().BuildServiceProvider();

    private IRunEngine Runs => services.GetRequiredService<IRunEngine>();

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Score_AFile_WritesOnePredictionForEachRow()
    {
        await RegisterAsync();
        var run = await ScoreAsync(new ScoreState { Model = "twice", Object = "landing/x/rows.csv", By = "test" });

        run.Status.ShouldBe(RunStatus.Done, run.Reason);
        var report = run.Data.Deserialize<ScoreState>()!.Report!;
        (report.Version, report.Rows, report.WithoutAnswer, report.Rejected).ShouldBe((1, 2, 0, 1));
        report.Path.ShouldBe($"runs/{run.Id}/predictions.parquet");
        (await services.GetRequiredService<IObjectStore>().HeadAsync(report.Path)).ShouldNotBeNull();
        report.Files.ShouldBe([report.Path]);
        engine.Written!.Columns.Select(c => c.Name).ShouldBe(["row", "x", "version", "prediction", "score", "run"]);
        ((NumberColumn)engine.Written["prediction"]).Values.ShouldBe([3, 5]);

        // The row without a value, which a request would be refused for, is not lost.
        report.Rejects.ShouldBe([$"runs/{run.Id}/rejects.parquet"]);
        ((IntegerColumn)engine.Rejected!["_row"]).Values.ShouldBe([3]);
        ((StringColumn)engine.Rejected["_check"])[0].ShouldBe("required:x");
        ((StringColumn)engine.Rejected["_reason"])[0].ShouldBe("column 'x': required, but missing");
    }

    [Fact]
    public async Task Score_AfterThePromotionOfAnother_KeepsTheVersionItBeganWith()
    {
        await RegisterAsync();
        var id = await Runs.StartAsync(new ScoreState { Model = "twice", Object = "landing/x/rows.csv", By = "test" });
        await Runs.WorkOnceAsync();
        await RegisterAsync("other");
        var run = await Runs.DriveAsync(id);
        run.Data.Deserialize<ScoreState>()!.Report!.Version.ShouldBe(1);
    }

    [Theory]
    [InlineData("none", null, "landing/x/rows.csv", "model 'none' has no champion to score with")]
    [InlineData("twice", 9, "landing/x/rows.csv", "model 'twice' has no version 9")]
    [InlineData("twice", null, "landing/x/absent.csv", "object 'landing/x/absent.csv' does not exist")]
    [InlineData("twice", null, null, "model 'twice' is not in this workspace")]
    [InlineData("twice", null, "landing/x/empty.csv", "there are no rows to score")]
    [InlineData("twice", null, "landing/x/other.csv", "line 1 (header): column 'x' is missing")]
    public async Task Score_WhatCannotBe_FailsWithTheReason(string model, int? version, string? key, string reason)
    {
        await RegisterAsync();
        foreach (var name in new[] { "empty", "other" }) await services.GetRequiredService<IObjectStore>().PutAsync($"landing/x/{name}.csv", new MemoryStream([1]));
        var run = await ScoreAsync(new ScoreState { Model = model, Version = version, Object = key, By = "test" });
        run.Status.ShouldBe(RunStatus.Failed);
        run.Reason!.ShouldContain(reason);
    }

    private async Task<RunRecord> ScoreAsync(ScoreState state) => await Runs.DriveAsync(await Runs.StartAsync(state));

    /// <summary>A model that answers 2x + 1.</summary>
    private async Task RegisterAsync(string run = "r")
    {
        await services.GetRequiredService<IObjectStore>().PutIfAbsentAsync("landing/x/rows.csv", new MemoryStream([1]));
        var document = new PipelineDocument
        {
            Model = "twice", Task = TaskKind.Regression, Label = "y", Classes = [], Predictor = "linear",
            Features = new FeaturePlanState { Inputs = [new("x", ColumnType.Number, true)], Features = [new() { Name = "x", From = "x" }] },
        };
        var registry = services.GetRequiredService<IModelRegistry>();
        var version = await registry.RegisterAsync(Registry.RegistryFixture.Candidate(run) with
        {
            Model = "twice",
            Schema = document.Schema(),
            Artefact = ModelPackage.Write(document, new LinearPredictor([0], [[2]], [1], Link.Identity)),
        });
        await registry.PromoteAsync("twice", version.Version, "test", "");
    }

    /// <summary>An engine that always reads three rows (the last without a value), and remembers what it wrote.</summary>
    private sealed class OneTable : IDataEngine, IBatchFiles
    {
        public Table? Written { get; private set; }

        public Table? Rejected { get; private set; }

        public async IAsyncEnumerable<RowPart> ReadAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, int partRows, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
        {
            await Task.CompletedTask;
            if (fileName == "other.csv") throw new Serverless.Problems.DataException("line 1 (header): column 'x' is missing");
            if (fileName != "empty.csv") yield return new RowPart(new Table(3, [new NumberColumn("x", [1, 2, 0], [false, false, true])]), [1, 2, 3], []);
        }

        public Task<long?> CountAsync(string path, string fileName, CancellationToken cancel = default) => Task.FromResult((long?)null);

        public Task CopyAsync(IReadOnlyList<string> paths, string target, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<Table> ReadFileAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<Table> ReadDetectedAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task WriteAsync(string path, Table table, CancellationToken cancel = default)
        {
            if (table.Has("_check")) Rejected = table;
            else Written = table;
            return File.WriteAllTextAsync(path, "parquet", cancel);
        }

        public Task<PartitionedDrop> PartitionAsync(string path, string fileName, DatasetDefinition dataset, DateTimeOffset arrived, string folder,
            IProgress<double>? progress = null, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<Inspection> InspectAsync(IReadOnlyList<string> parquetPaths, DatasetDefinition dataset, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<long> RowsAsync(IReadOnlyList<string> parquetPaths, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<Profile> ProfileAsync(string path, string fileName, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<Table> ReadAsync(IReadOnlyList<string> parquetPaths, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default) => throw new NotSupportedException();
    }
}

internal static class RunData
{
    public static T? Deserialize<T>(this System.Text.Json.JsonElement data) => System.Text.Json.JsonSerializer.Deserialize<T>(data, ServerlessJson.Options);
}
