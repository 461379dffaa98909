using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

public sealed class FeedbackTests
{
    [Fact]
    public async Task Feedback_OfCsvAndJsonLines_StoresRowsAndNamesThoseThatAreWrong()
    {
        using var folder = SmallWorkspace.Create();
        folder.Write("a.csv", "key,actual,time,extra\n0017,true,2024-03-12T10:00:00Z,x\n0018,maybe,,y\n,true,,z\n");
        folder.Write("b.jsonl", """{"predictionId":"p1","actual":false,"seen":true,"used":true}""" + "\n" + """{"predictionId":"p2","opinion":"good"}""" + "\n");
        var run = await Cli.RunAsync(folder.Path, "feedback", "late", "a.csv", "b.jsonl", "--json");
        run.Code.ShouldBe(ExitCode.No);
        run.Json.GetProperty("accepted").GetInt32().ShouldBe(3);
        var rejected = run.Json.GetProperty("files")[0].GetProperty("rejected").EnumerateArray().Select(r => (r.GetProperty("field").GetString(), r.GetProperty("reason").GetString()!)).ToArray();
        rejected.Select(r => r.Item1).ShouldBe(["items[1].actual", "items[2].predictionId"]);
        rejected[0].Item2.ShouldContain("maybe");

        var lines = Directory.GetFiles(Path.Combine(folder.Path, ".serverless", "objects", "feedback", "late"), "*.jsonl", SearchOption.AllDirectories).SelectMany(File.ReadAllLines)
            .Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        lines.Length.ShouldBe(3);
        lines.Select(l => Text(l, "key")).OfType<string>().ShouldBe(["0017"]);
        lines.Select(l => Text(l, "opinion")).OfType<string>().ShouldBe(["good"]);
    }

    [Theory]
    [InlineData("prediction_id,actual\np,true\n", "neither a column 'predictionId' nor 'key'", "did you mean 'predictionId'?")]
    [InlineData("key,aktual\nk,true\n", "says nothing about predictions", "did you mean 'actual'?")]
    public async Task Feedback_OfAFileThatIsNone_SaysWhichColumnIsMissing(string csv, string what, string hint)
    {
        using var folder = SmallWorkspace.Create();
        folder.Write("bad.csv", csv);
        var run = await Cli.RunAsync(folder.Path, "feedback", "late", "bad.csv");
        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldContain(what);
        run.Error.ShouldContain(hint);
        Directory.Exists(Path.Combine(folder.Path, ".serverless", "objects", "feedback", "late")).ShouldBeFalse("nothing is stored");
    }

    private static string? Text(JsonElement line, string field) => line.TryGetProperty(field, out var value) ? value.GetString() : null;
}
