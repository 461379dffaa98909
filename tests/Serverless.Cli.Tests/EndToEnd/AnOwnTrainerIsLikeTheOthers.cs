using System.Net.Http.Json;
using System.Text.Json;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class AnOwnTrainerIsLikeTheOthers
{
    private const string Program = "own-trainer.dll";

    [Fact]
    public async Task Sample_TrainsWithItsOwnTrainer_AndServesWhatItLearned()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        folder.Write("models/late.yaml", SmallWorkspace.Model.Replace("{ name: lightgbm, iterations: 10, leaves: 7 }", "{ name: naive-bayes, smoothin: 1 }", StringComparison.Ordinal));
        using (var wrong = CliProcess.StartProgram(Program, folder.Path, "train", "late"))
        {
            (await wrong.ExitAsync()).ShouldBe(ExitCode.Usage);
            string.Join(' ', wrong.Error.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldContain("trainer 'naive-bayes' has no setting 'smoothin'. Did you mean 'smoothing'?");
        }

        folder.Write("models/late.yaml", SmallWorkspace.Model.Replace("{ name: lightgbm, iterations: 10, leaves: 7 }", "{ name: naive-bayes, smoothing: 2 }", StringComparison.Ordinal));
        using (var train = CliProcess.StartProgram(Program, folder.Path, "train", "late", "--json"))
        {
            (await train.ExitAsync()).ShouldBe(ExitCode.Done, train.Error);
            using var report = JsonDocument.Parse(train.Out);
            report.RootElement.GetProperty("champion").GetInt32().ShouldBe(1);
            report.RootElement.GetProperty("metrics").GetProperty("auc").GetDouble().ShouldBeGreaterThan(0.7);
        }

        var (server, address) = await CliProcess.ServeAsync(folder.Path, "serve", Program);
        using (server)
        using (var http = new HttpClient { BaseAddress = address })
        {
            var (evening, night) = (await ProbabilityAsync(http, 20), await ProbabilityAsync(http, 3));
            evening.ShouldBeGreaterThan(night + 0.2);
            server.Interrupt();
            await server.ExitAsync();
        }

        // Without the sample's program nobody can read its models, and the message says so.
        folder.Write("models/late.yaml", SmallWorkspace.Model);
        folder.Write("row.jsonl", """{"at":"2024-03-11T20:00:00Z","line":"red"}""" + "\n");
        var without = await Cli.RunAsync(folder.Path, "predict", "late", "--input", "row.jsonl");
        without.Code.ShouldNotBe(ExitCode.Done);
        without.Error.ShouldContain("predictor format 'naive-bayes' is not known to this program");
    }

    private static async Task<double> ProbabilityAsync(HttpClient http, int hour)
    {
        using var answer = await http.PostAsJsonAsync("/v1/models/late/predict", new { rows = new[] { new { at = $"2024-03-11T{hour:00}:00:00Z", line = "red" } } });
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return json.GetProperty("predictions")[0].GetProperty("probability").GetDouble();
    }
}
