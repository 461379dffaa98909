using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

/// <summary>A model that looks up a view of its own dataset: what is recorded of that, and whether it can be made again and watched.</summary>
public sealed class LookingModel : IAsyncLifetime
{
    public const string View = """
        view: line-stats
        dataset: trains
        keys: [line]
        time: at
        ttl: 3d
        features:
          mean_delay: { aggregate: mean, column: delay, over: 2d }
          trains: { aggregate: count, over: 1d }
        """;

    private const string Model = """
        model: late
        task: regression
        dataset: trains
        label: delay
        features:
          hour: at.Hour
          usual: { view: line-stats, column: mean_delay }
          before: { lag: delay, by: line, after: 1h }
        trainer: { name: lightgbm, iterations: 30, leaves: 7, min-data-in-leaf: 5 }
        holdout: 2d
        gate: { metric: rmse, max: 100 }
        """;

    internal Testing.TempFolder Folder { get; private set; } = null!;

    internal string Run { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Folder = await SmallWorkspace.WithDataAsync();
        Folder.Write("features/line-stats.yaml", View);
        Folder.Write("models/late.yaml", Model);
        Run = (await Cli.DoneAsync(Folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
    }

    public Task DisposeAsync()
    {
        Folder.Dispose();
        return Task.CompletedTask;
    }
}

public sealed class ViewLineageTests(LookingModel looking) : IClassFixture<LookingModel>
{
    private string Folder => looking.Folder.Path;

    [Fact]
    public async Task Train_ModelWithLookups_RecordManifestAndCardNameTheirPartitions()
    {
        var ids = (await Cli.DoneAsync(Folder, "history", "trains", "--json")).Json.GetProperty("partitions").EnumerateArray().Select(p => p.GetProperty("id").GetString()!).Order().ToArray();
        ids.Length.ShouldBe(10);
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Directory.EnumerateFiles(Folder, "manifest.json", SearchOption.AllDirectories).Single()));
        var record = (await Cli.DoneAsync(Folder, "runs", "show", looking.Run, "--json")).Out;
        var card = await File.ReadAllTextAsync(Directory.EnumerateFiles(Folder, "card.md", SearchOption.AllDirectories).Single());
        var views = manifest.RootElement.GetProperty("lineage").GetProperty("views").EnumerateArray().ToArray();
        views.Select(v => v.GetProperty("name").GetString()).ShouldBe(["late.before", "line-stats"]);
        foreach (var view in views)
        {
            view.GetProperty("dataset").GetString().ShouldBe("trains");
            view.GetProperty("partitions").EnumerateArray().Select(p => p.GetString()!).Order().ShouldBe(ids);
            view.GetProperty("data").EnumerateArray().Select(p => p.GetProperty("sha256").GetString()!.Length).ShouldAllBe(l => l == 64);
            card.ShouldContain($"Looked up in {view.GetProperty("name").GetString()}: dataset trains");
        }

        var definition = views[1].GetProperty("definition");
        definition.GetProperty("ttl").GetString().ShouldBe("3.00:00:00");
        definition.GetProperty("features").EnumerateArray().Select(f => $"{f.GetProperty("name")} {f.GetProperty("aggregate")} {f.GetProperty("over")}").ShouldBe(["mean_delay mean 2.00:00:00", "trains count 1.00:00:00"]);
        views[0].TryGetProperty("definition", out _).ShouldBeFalse();
        foreach (var id in ids)
        {
            record.ShouldContain(id);
            card.ShouldContain(id);
        }
    }

    [Fact]
    public async Task Reproduce_ViewThatChangedOrIsGone_IsEqual()
    {
        looking.Folder.Write("features/line-stats.yaml", LookingModel.View.Replace("over: 2d", "over: 1d", StringComparison.Ordinal).Replace("ttl: 3d", "ttl: 1h", StringComparison.Ordinal));
        try
        {
            (await Cli.DoneAsync(Folder, "reproduce", looking.Run, "--json")).Json.GetProperty("equal").GetBoolean().ShouldBeTrue();
        }
        finally
        {
            looking.Folder.Write("features/line-stats.yaml", LookingModel.View);
        }
    }

    [Fact]
    public async Task Predict_ViewThatChangedSinceTheTraining_AnswersAndIsTold()
    {
        var rows = looking.Folder.Write("rows.json", """[{"at":"2024-03-11T18:00:00Z","line":"north"}]""");
        looking.Folder.Write("features/line-stats.yaml", LookingModel.View.Replace("over: 2d", "over: 1d", StringComparison.Ordinal).Replace("ttl: 3d", "ttl: 1h", StringComparison.Ordinal));
        try
        {
            await Cli.DoneAsync(Folder, "predict", "late", "--input", rows);
            (await SaidAsync()).ShouldBe((true,
                "version 1 is given other values than it learned from: view 'line-stats' has changed since (ttl was 3.00:00:00, is 01:00:00, feature mean_delay was mean(delay) over 2.00:00:00, number, is mean(delay) over 1.00:00:00, number). Train it again."));
        }
        finally
        {
            looking.Folder.Write("features/line-stats.yaml", LookingModel.View);
        }

        await Cli.DoneAsync(Folder, "predict", "late", "--input", rows);
        (await SaidAsync()).ShouldBe((false, "the views that version 1 reads are those that it learned from"));
    }

    private async Task<(bool Bad, string Message)> SaidAsync()
    {
        using var store = new Testing.LocalStore(folder: looking.Folder[".serverless"]);
        var said = new List<Alerts.Signal>();
        await foreach (var signal in new Alerts.SignalRecords(store.Records).ReadAsync(DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1), DateOnly.FromDateTime(DateTime.UtcNow).AddDays(1))) said.Add(signal);
        var last = said.Where(s => s.Name == "views").MaxBy(s => s.At)!;
        return (last.Bad, last.Message);
    }

    [Fact]
    public async Task Monitor_RowsLikeThoseOfTraining_LooksUpWhatTheChampionLooksUp()
    {
        var drift = await Cli.RunAsync(Folder, "drift", "late", "--json");
        var report = drift.Json;
        report.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldBe(["at", "delay", "line", "usual", "before"], ignoreOrder: true);
        foreach (var column in report.GetProperty("columns").EnumerateArray().Where(c => c.GetProperty("name").GetString() is "usual" or "before"))
        {
            column.GetProperty("missing").GetProperty("current").GetDouble().ShouldBeLessThan(0.05, column.GetRawText());
        }
    }
}
