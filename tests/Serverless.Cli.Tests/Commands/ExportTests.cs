namespace Serverless.Cli.Tests.Commands;

/// <summary>What MLflow 2.17 and 3.11 open as a file store: the layout of mlflow/store/tracking/file_store.py and mlflow/store/model_registry/file_store.py.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task ExportMlflow_WritesItsFileStore()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("  line: { from: line, encode: category }", "", StringComparison.Ordinal));
        var run = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
        var done = (await Cli.DoneAsync(folder.Path, "export", "mlflow", folder["out"], "--json")).Json;
        (done.GetProperty("experiments").GetInt32(), done.GetProperty("runs").GetInt32(), done.GetProperty("versions").GetInt32(), done.GetProperty("flavours").GetInt32()).ShouldBe((1, 1, 1, 1));
        var root = Path.Combine(folder["out"], "mlruns");
        var experiment = Directory.GetDirectories(root).Select(Path.GetFileName).Single(n => n != "models")!;
        experiment.ShouldAllBe(c => char.IsAsciiDigit(c));
        (await File.ReadAllTextAsync(Path.Combine(root, experiment, "meta.yaml"))).ShouldContain("name: \"late\"\n");
        var at = Path.Combine(root, experiment, run);
        var meta = await File.ReadAllTextAsync(Path.Combine(at, "meta.yaml"));
        meta.ShouldContain($"run_id: \"{run}\"\n");
        meta.ShouldContain("status: 3\n");
        (await File.ReadAllTextAsync(Path.Combine(at, "metrics", "auc"))).ShouldMatch(@"^\d{13} 0\.\d+ 0\n$");
        (await File.ReadAllTextAsync(Path.Combine(at, "params", "leaves"))).ShouldBe("7");
        (await File.ReadAllTextAsync(Path.Combine(root, "models", "late", "aliases", "champion"))).ShouldBe("1");
        (await File.ReadAllTextAsync(Path.Combine(root, "models", "late", "version-1", "meta.yaml"))).ShouldContain($"run_id: \"{run}\"\n");

        // Plain numbers only: the trees are there as LightGBM writes them, for MLflow's own flavour.
        var model = Path.Combine(at, "artifacts", "model");
        (await File.ReadAllTextAsync(Path.Combine(model, "MLmodel"))).ShouldContain("data: model.lgb");
        (await File.ReadAllTextAsync(Path.Combine(model, "model.lgb"))).ShouldStartWith("tree\n");
        (await File.ReadAllBytesAsync(Path.Combine(model, "model.zip"))).ShouldBe(await File.ReadAllBytesAsync(Path.Combine(folder.Path, ".serverless", "objects", "models", "late", "1", "model.zip")));
        // Again is the same again.
        await Cli.DoneAsync(folder.Path, "export", "mlflow", folder["out"]);
    }
}
