using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class ScoreTests
{
    private static readonly string Model = SmallWorkspace.Model + "\nbatch: { key: [line, at], partRows: 500, precompute: true }\n";

    [Fact]
    public async Task Score_FileAndPartitions_AreTheAnswersOfPredict()
    {
        using var folder = await SmallWorkspace.WithDataAsync(Model);
        await Cli.DoneAsync(folder.Path, "train", "late");
        var rows = folder.Write("rows.csv", "at,line\n2024-03-09 20:00:00,red\n2024-03-09 03:00:00,blue\nsometime,red\n");

        var scored = await Cli.DoneAsync(folder.Path, "score", "late", "--input", rows, "--output", "scored.csv", "--json");
        var report = scored.Json;
        (report.GetProperty("rows").GetInt64(), report.GetProperty("rejected").GetInt64(), report.GetProperty("version").GetInt32()).ShouldBe((2, 1, 1));
        var good = folder.Write("good.csv", "at,line\n2024-03-09 20:00:00,red\n2024-03-09 03:00:00,blue\n");
        var expected = (await Cli.DoneAsync(folder.Path, "predict", "late", "--input", good, "--json")).Json.GetProperty("predictions").EnumerateArray().Select(p => p.GetProperty("score").GetDouble()).ToArray();
        var lines = File.ReadAllLines(folder["scored.csv"]);
        var header = lines[0].Split(',');
        header.ShouldBe(["row", "line", "at", "version", "prediction", "score", "run"]);
        lines.Skip(1).Select(l => double.Parse(l.Split(',')[5], System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(expected);

        // Ten days of 240 rows each, two to a part of 500; every key stands twice.
        var all = (await Cli.DoneAsync(folder.Path, "score", "late", "--json")).Json;
        (all.GetProperty("rows").GetInt64(), all.GetProperty("files").GetArrayLength(), all.GetProperty("keys").GetInt64()).ShouldBe((2400, 5, 1200));
        var some = await Cli.DoneAsync(folder.Path, "score", "late", "--from", "2024-03-10", "--no-inputs", "--json");
        some.Json.GetProperty("rows").GetInt64().ShouldBe(240);
    }

    [Theory]
    [InlineData(2, "--from and --to choose partitions", "--input", "rows.csv", "--from", "2024-03-01")]
    [InlineData(2, "'scored.xlsx' has no extension", "--input", "rows.csv", "--output", "scored.xlsx")]
    [InlineData(3, "file 'absent.csv' does not exist", "--input", "absent.csv")]
    [InlineData(3, "nothing to score", "--from", "2030-01-01")]
    public async Task Score_WhatCannotBe_SaysWhy(int code, string why, params string[] args)
    {
        using var folder = await SmallWorkspace.WithDataAsync(Model);
        await Cli.DoneAsync(folder.Path, "train", "late");
        folder.Write("rows.csv", "at,line\n2024-03-09 20:00:00,red\n");
        var run = await Cli.RunAsync(folder.Path, ["score", "late", .. args]);
        run.Code.ShouldBe(code, run.Error);
        run.Error.ReplaceLineEndings(" ").ShouldContain(why);
    }

    [SkippableFact]
    public async Task Up_DropAndKeys_OneOfTwoProcessesKilled_EveryRowOnce()
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are killed with kill");
        using var folder = await SmallWorkspace.WithDataAsync(Model.Replace("partRows: 500", "partRows: 60", StringComparison.Ordinal));
        await Cli.DoneAsync(folder.Path, "train", "late");
        await Cli.DoneAsync(folder.Path, "score", "late");
        var drop = new StringBuilder("at,line\n");
        for (var i = 0; i < 3_000; i++) drop.Append(System.Globalization.CultureInfo.InvariantCulture, $"2024-04-{1 + (i % 30):00} {i % 24:00}:00:00,{(i % 100 == 7 ? "" : "red")}\n");
        var part = folder.Write("part.csv", drop.ToString());
        var inbox = Directory.CreateDirectory(folder[".serverless/objects/landing/_score/late"]).FullName;
        var (victim, _) = await CliProcess.ServeAsync(folder.Path, "up");
        var (survivor, address) = await CliProcess.ServeAsync(folder.Path, "up");
        using (victim)
        using (survivor)
        {
            File.Move(part, Path.Combine(inbox, "rows.csv"));
            await Eventually.TrueAsync(async () => await PartsAsync(folder) >= 3, () => victim.Error + survivor.Error);
            victim.Kill();
            using var http = new HttpClient { BaseAddress = address };
            JsonElement batch = default;
            await Eventually.TrueAsync(async () =>
            {
                var list = JsonDocument.Parse(await http.GetStringAsync("/v1/models/late/batches")).RootElement.GetProperty("batches");
                batch = list.EnumerateArray().FirstOrDefault(b => b.GetProperty("state").GetProperty("by").GetString() == "drop" && b.GetProperty("status").GetString() == "done");
                return batch.ValueKind == JsonValueKind.Object;
            }, () => survivor.Error);

            // Every row once, though a process died among the parts: 30 rows have no line, which is required.
            var report = batch.GetProperty("state").GetProperty("report");
            (report.GetProperty("rows").GetInt64(), report.GetProperty("rejected").GetInt64(), report.GetProperty("files").GetArrayLength()).ShouldBe((2970, 30, 50));
            File.Exists(Path.Combine(inbox, "rows.csv")).ShouldBeFalse();

            // What the batch before precomputed is served by key, and equals a live answer; a key that it has not is scored from the row.
            var found = JsonDocument.Parse(await http.GetStringAsync("/v1/models/late/predictions/red/2024-03-01T18:18:00Z")).RootElement;
            var live = JsonDocument.Parse(await (await http.PostAsync("/v1/models/late/predict", Body("2024-03-01T18:18:00Z", "red"))).Content.ReadAsStringAsync()).RootElement;
            found.GetProperty("predictions")[0].GetProperty("score").GetDouble().ShouldBe(live.GetProperty("predictions")[0].GetProperty("score").GetDouble());
            found.GetProperty("ageSeconds").GetDouble().ShouldBeGreaterThan(0);
            (await http.GetAsync("/v1/models/late/predictions/red/1999-01-01T00:00:00Z")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            var fallback = await http.PostAsync("/v1/models/late/predictions/red/1999-01-01T00:00:00Z", Body("2024-03-01T18:18:00Z", "red"));
            (fallback.StatusCode, fallback.Headers.GetValues("x-prediction-source").Single()).ShouldBe((HttpStatusCode.OK, "live"));
            (await http.PostAsync("/v1/models/late/batches", new StringContent("{\"object\":\"data/trains/secret.parquet\"}", Encoding.UTF8, "application/json"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await http.PostAsync("/v1/models/late/batches", new StringContent("{\"from\":\"2024-03-10T00:00:00Z\"}", Encoding.UTF8, "application/json"))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }
    }

    private static StringContent Body(string at, string line) => new($"{{\"rows\":[{{\"at\":\"{at}\",\"line\":\"{line}\"}}]}}", Encoding.UTF8, "application/json");

    private static async Task<int> PartsAsync(TempFolder folder) => (await Cli.DoneAsync(folder.Path, "runs", "--kind", "score-part", "--status", "done", "--limit", "5", "--json")).Json.GetProperty("runs").GetArrayLength();
}
