using Serverless.Onnx.Tests;
using Serverless.Testing;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class AModelTrainedElsewhereIsServed
{
    private const string Model = """
        model: late
        task: binary
        dataset: trains
        label: delay > 10
        features: { a: at.Hour / 3.2, b: int(at.DayOfWeek), c: at.Hour / 16.0 }
        trainer: onnx
        holdout: 2d
        gate: { metric: auc, min: 0.6 }
        """;

    private const string Evening = """{"at":"2024-03-11T20:00:00Z"}""";

    [Fact]
    public async Task Import_WithRows_IsJudgedRegisteredAndAnswers()
    {
        using var folder = await SmallWorkspace.WithDataAsync(Model);
        await File.WriteAllBytesAsync(folder["m.onnx"], Graphs.Trees().Build());
        var json = (await Cli.DoneAsync(folder.Path, "models", "import", "late", "m.onnx", "--reason", "from Python", "--json")).Json;
        json.GetProperty("version").GetInt32().ShouldBe(1);
        json.GetProperty("champion").GetInt32().ShouldBe(1);
        json.GetProperty("metrics").GetProperty("auc").GetDouble().ShouldBeGreaterThan(0.7);

        var shown = (await Cli.DoneAsync(folder.Path, "models", "show", "late", "1", "--json")).Json.GetProperty("models")[0].GetProperty("versions")[0];
        shown.GetProperty("trainer").GetString().ShouldBe("onnx");
        shown.GetProperty("lineage").GetProperty("settings").GetProperty("file").GetString().ShouldBe("m.onnx");
        shown.GetProperty("lineage").GetProperty("settings").GetProperty("origin").GetString().ShouldBe("serverless-tests 1.0, opset ai.onnx 17, ai.onnx.ml 3");
        shown.GetProperty("lineage").GetProperty("partitions").GetArrayLength().ShouldBe(10);
        (await ProbabilityAsync(folder)).ShouldBe(0.85, 1e-6);

        var trained = await Cli.RunAsync(folder.Path, "train", "late");
        trained.Code.ShouldNotBe(0);
        trained.Error.ShouldContain("model 'late' is imported, not trained: serverless-ml models import late FILE.onnx");

        // A file with other inputs: refused with both sides named, and everything as it was.
        await File.WriteAllBytesAsync(folder["other.onnx"], Graphs.Line().Build());
        var refused = await Cli.RunAsync(folder.Path, "models", "import", "late", "other.onnx");
        refused.Code.ShouldNotBe(0);
        string.Join(' ', refused.Error.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldContain("other.onnx has other inputs than models/late.yaml has features: no input for 'c'");
        (await Cli.DoneAsync(folder.Path, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("versions").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Import_WithoutRows_IsRegisteredAndAPersonPromotesIt()
    {
        using var folder = SmallWorkspace.Create(Model);
        await File.WriteAllBytesAsync(folder["m.onnx"], Graphs.Trees().Build());
        var json = (await Cli.DoneAsync(folder.Path, "models", "import", "late", "m.onnx", "--json")).Json;
        json.GetProperty("version").GetInt32().ShouldBe(1);
        await Cli.DoneAsync(folder.Path, "models", "promote", "late", "1", "--comment", "seen in Python");
        (await ProbabilityAsync(folder)).ShouldBe(0.85, 1e-6);
    }

    private static async Task<double> ProbabilityAsync(TempFolder folder)
    {
        folder.Write("row.jsonl", Evening + "\n");
        return (await Cli.DoneAsync(folder.Path, "predict", "late", "--input", "row.jsonl", "--json")).Json.GetProperty("predictions")[0].GetProperty("probability").GetDouble();
    }
}
