using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Scoring;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class DriftOfWorkspaceTests : IAsyncLifetime
{
    private TempFolder folder = null!;

    public async Task InitializeAsync()
    {
        folder = await SmallWorkspace.WithDataAsync();
        await Cli.DoneAsync(folder.Path, "train", "late");
    }

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Train_Version_KeepsItsReferenceWithHashes()
    {
        var store = folder[".serverless/objects"];
        var rows = Path.Combine(store, "models/late/1/reference.parquet");
        using var manifest = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(store, "models/late/1/manifest.json")));
        var reference = manifest.RootElement.GetProperty("reference");
        reference.GetProperty("path").GetString().ShouldBe("models/late/1/reference.parquet");
        reference.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(rows))));
        reference.GetProperty("profileSha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(store, "models/late/1/reference.profile.json")))));
        Directory.GetFiles(Path.Combine(store, "runs"), "reference.*", SearchOption.AllDirectories).ShouldBeEmpty("the rows are kept once");

        var profile = (await Cli.DoneAsync(folder.Path, "profile", rows, "--json")).Json;
        profile.GetProperty("rows").GetInt64().ShouldBe(2400);
        var columns = profile.GetProperty("columns").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        columns.Keys.ShouldBe(["at", "delay", "line", "_label", "_part", "_prediction", "_score"]);
        columns["_score"].GetProperty("nulls").GetInt64().ShouldBe(8 * 240); // predictions on the two days of the holdout only
        columns["_part"].GetProperty("top").EnumerateArray().Select(t => $"{t.GetProperty("value").GetString()} {t.GetProperty("count").GetInt64()}").ShouldBe(["train 1920", "holdout 480"]);
    }

    [Fact]
    public async Task Drift_ModelWithoutNewerData_ComparesItsHoldout()
    {
        var json = (await Cli.DoneAsync(folder.Path, "drift", "late", "--json")).Json;
        json.GetProperty("drifted").GetBoolean().ShouldBeFalse();
        json.GetProperty("basis").GetString().ShouldBe("holdout");
        (json.GetProperty("reference").GetProperty("rows").GetInt64(), json.GetProperty("current").GetProperty("rows").GetInt64()).ShouldBe((1920, 480));
        json.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldBe(["at", "delay", "line"]);
        json.GetProperty("share").GetDouble().ShouldBe(0);
        json.GetProperty("correction").GetString().ShouldBe("none");
        json.GetProperty("notes")[0].GetString()!.ShouldContain("no data newer than the training window");
    }

    [Fact]
    public async Task Drift_ModelAfterDriftedDays_IsExitCode1AndSaysWhy()
    {
        await Cli.DoneAsync(folder.Path, "ingest", "trains", Drifted(11), Drifted(12), Drifted(13), Drifted(14), Drifted(15));

        var run = await Cli.RunAsync(folder.Path, "drift", "late", "--json");
        run.Code.ShouldBe(ExitCode.No, run.Error);
        var json = run.Json;
        json.GetProperty("drifted").GetBoolean().ShouldBeTrue();
        json.GetProperty("basis").GetString().ShouldBe("newer");
        json.GetProperty("current").GetProperty("rows").GetInt64().ShouldBe(1200);
        json.GetProperty("label").GetProperty("drifted").GetBoolean().ShouldBeTrue();
        json.GetProperty("prediction").GetProperty("method").GetString().ShouldBe("ks"); // 480 reference rows: a test
        json.GetProperty("multivariate").GetProperty("drifted").GetBoolean().ShouldBeTrue();
        json.GetProperty("reasons").GetArrayLength().ShouldBeGreaterThan(1);
        var shape = json.GetProperty("shapes").GetProperty("delay");
        (shape.GetProperty("kind").GetString(), shape.GetProperty("at").GetString()).ShouldBe(("sudden", "2024-03-11"));
        File.Exists(Path.Combine(folder[".serverless/objects"], "runs", json.GetProperty("run").GetString()!, "drift.json")).ShouldBeTrue();

        var screen = await Cli.RunAsync(folder.Path, "drift", "late");
        screen.Out.ShouldContain("Drifted: ");
        screen.Out.ShouldContain("delay, distance from the reference by partition: sudden; jumped from ");
    }

    [Fact]
    public async Task Drift_ModelThatAnsweredOtherwise_SeesItInItsLog()
    {
        await using (var open = OpenWorkspace.At(folder.Path, Parts.All, new CliConsole { Out = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null, CurrentFolder = folder.Path, Variable = _ => null }, verbose: false))
        {
            var log = open.Get<IPredictionLog>();
            for (var i = 0; i < 300; i++)
            {
                // Version 2 does not exist: its answers are not the champion's.
                var version = i < 200 ? 1 : 2;
                _ = log.Append(new PredictionRecord($"p{i:0000}", DateTime.UtcNow.AddMinutes(-5), "late", version, "champion", null, "{}"u8, [0.9 + (i % 10 / 1000.0)], "true"));
            }

            await log.FlushAsync();
        }

        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(11), folder.Day(12));
        var run = await Cli.RunAsync(folder.Path, "drift", "late", "--json");
        run.Code.ShouldBe(ExitCode.No, run.Error);
        run.Json.GetProperty("servedRows").GetInt64().ShouldBe(200);
        run.Json.GetProperty("served").GetProperty("drifted").GetBoolean().ShouldBeTrue();
        run.Json.GetProperty("prediction").GetProperty("drifted").GetBoolean().ShouldBeFalse();
        run.Json.GetProperty("reasons").EnumerateArray().ShouldHaveSingleItem().GetString()!.ShouldStartWith("predictions given lately drifted: ");
    }

    [Fact]
    public async Task Drift_Dataset_ComparesTheLastWindowWithTheOneBefore()
    {
        var same = (await Cli.DoneAsync(folder.Path, "drift", "trains", "--window", "5d", "--json")).Json;
        (same.GetProperty("reference").GetProperty("rows").GetInt64(), same.GetProperty("current").GetProperty("rows").GetInt64()).ShouldBe((1200, 1200));
        same.GetProperty("drifted").GetBoolean().ShouldBeFalse();

        await Cli.DoneAsync(folder.Path, "ingest", "trains", Drifted(11), Drifted(12));
        var drifted = await Cli.RunAsync(folder.Path, "drift", "trains", "--from", "2024-03-11", "--reference-from", "2024-03-01", "--reference-to", "2024-03-10", "--json");
        drifted.Code.ShouldBe(ExitCode.No, drifted.Error);
        (drifted.Json.GetProperty("reference").GetProperty("rows").GetInt64(), drifted.Json.GetProperty("current").GetProperty("rows").GetInt64()).ShouldBe((2400, 480));
    }

    [Fact]
    public async Task Drift_WrongQuestions_SayWhatToAskInstead()
    {
        async Task<string> ErrorAsync(int code, params string[] args)
        {
            var run = await Cli.RunAsync(folder.Path, ["drift", .. args]);
            run.Code.ShouldBe(code, run.Error);
            return run.Error;
        }

        (await ErrorAsync(ExitCode.Usage, "lade")).ShouldContain("there is no model or dataset 'lade' in this workspace. Did you mean 'late'?");
        (await ErrorAsync(ExitCode.Usage, "late", "--method", "ks")).ShouldContain("--method is for files and datasets; how a model is monitored stands in section 'monitor' of models/late.yaml");
        (await ErrorAsync(ExitCode.Usage, "late", "--window", "7d")).ShouldContain("--window is for a dataset");
        (await ErrorAsync(ExitCode.Usage, "trains", "--window", "7x")).ShouldContain("--window is a duration such as 7d or 12h, not '7x'");
        (await ErrorAsync(ExitCode.InputOutput, "trains", "--window", "30d")).ShouldContain("has no data in the window before");
    }

    [Fact]
    public async Task Drift_DamagedReference_IsToldAndNothingIsStored()
    {
        var rows = Path.Combine(folder[".serverless/objects"], "models/late/1/reference.parquet");
        File.SetAttributes(rows, FileAttributes.Normal);
        await File.AppendAllTextAsync(rows, "x");
        var run = await Cli.RunAsync(folder.Path, "drift", "late");
        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldContain("the reference of version 1 of model 'late' is damaged");
        Directory.GetFiles(Path.Combine(folder[".serverless/objects"], "runs"), "drift.json", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Erase_RowsOfTheReference_AreGoneFromItAndItIsStillUsed()
    {
        await Cli.DoneAsync(folder.Path, "erase", "trains", "--where", "line = 'red'", "--reason", "ticket 1", "--yes");

        var store = folder[".serverless/objects"];
        var columns = (await Cli.DoneAsync(folder.Path, "profile", Path.Combine(store, "models/late/1/reference.parquet"), "--json")).Json;
        columns.GetProperty("rows").GetInt64().ShouldBe(1600);
        (await File.ReadAllTextAsync(Path.Combine(store, "models/late/1/reference.profile.json"))).ShouldNotContain("\"red\"");
        await Cli.DoneAsync(folder.Path, "drift", "late");
    }

    private string Drifted(int day)
    {
        var csv = new StringBuilder("at,delay,line\n");
        for (var i = 0; i < 240; i++) csv.Append(CultureInfo.InvariantCulture, $"2024-03-{day:00} {i % 24:00}:{i % 60:00}:00,{40 + ((i * 7) % 50)},{(i % 2 == 0 ? "night" : "blue")}\n");
        return folder.Write($"drops/2024-03-{day:00}.csv", csv.ToString());
    }
}
