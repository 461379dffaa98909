using System.Globalization;

namespace Serverless.Cli.Tests.Commands;

public sealed class GateTests
{
    [Fact]
    public async Task Train_ThatTheGateRefuses_AnswersNoWithTheReasonAndRegistersNothing()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("min: 0.6", "min: 0.9999", StringComparison.Ordinal));

        var run = await Cli.RunAsync(folder.Path, "train", "late", "--json");

        run.Code.ShouldBe(ExitCode.No, run.Error);
        run.Json.GetProperty("gate").GetProperty("passed").GetBoolean().ShouldBeFalse();
        run.Json.GetProperty("gate").GetProperty("reasons")[0].GetString()!.ShouldContain("0.9999");
        run.Json.TryGetProperty("version", out _).ShouldBeFalse();
        (await Cli.DoneAsync(folder.Path, "models", "--json")).Json.GetProperty("models")[0].GetProperty("versions").GetInt32().ShouldBe(0);
    }

    [Theory]
    [InlineData(ExitCode.Done, "0.3", "0.9", "0.9", "1s", "20MB", "0.9", "0.9")]
    [InlineData(ExitCode.No, "0.9999", "0.0001", "0.0001", "0.001us", "1KB", "0.0001", "0.001")]
    public async Task Train_EveryGuard_LetsPassOrRefusesEachWithItsReason(int code, string slice, string fairness, string calibration, string latency, string size, string spread, string brier)
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("gate: { metric: auc, min: 0.6 }", $$"""
            gate:
              metric: auc
              guards:
                - { guard: slices, by: line, min: {{slice}}, minRows: 50 }
                - { guard: fairness, by: at.Hour < 12, measure: demographic-parity, maxDifference: {{fairness}} }
                - { guard: calibration, max: {{calibration}} }
                - { guard: latency, p99: {{latency}} }
                - { guard: size, max: {{size}} }
                - { guard: stability, windows: 2, spread: {{spread}} }
                - { guard: metric, name: brier, max: {{brier}} }
            """, StringComparison.Ordinal));

        var run = await Cli.RunAsync(folder.Path, "train", "late", "--json");

        run.Code.ShouldBe(code, run.Error);
        var findings = run.Json.GetProperty("gate").GetProperty("findings").EnumerateArray().Select(f => (Guard: f.GetProperty("guard").GetString(), Outcome: f.GetProperty("outcome").GetString(), Reason: f.GetProperty("reason").GetString()!)).ToArray();
        foreach (var guard in new[] { "slices", "fairness", "calibration", "latency", "size", "stability", "metric" })
        {
            var found = findings.Where(f => f.Guard == guard).ToArray();
            found.ShouldNotBeEmpty(guard);
            found.ShouldAllBe(f => f.Reason.Length > 0 && f.Outcome == (code == ExitCode.Done ? "passed" : "failed"), guard);
        }
    }

    [Fact]
    public async Task Train_WithoutData_SaysWhatToDo()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "train", "late", "--json");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldContain("no partitions");
        run.Json.GetProperty("error").GetString()!.ShouldContain("late");
    }

    [Fact]
    public async Task Train_AsOf_SeesWhatWasStoredThen()
    {
        using var folder = SmallWorkspace.Create();
        var files = Enumerable.Range(1, 9).Select(d => folder.Day(d)).ToArray();
        await Cli.DoneAsync(folder.Path, ["ingest", "trains", .. files]);
        var then = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(10));

        var early = await Cli.RunAsync(folder.Path, "train", "late", "--as-of", "2001-01-01");
        early.Code.ShouldBe(ExitCode.InputOutput);
        early.Error.ShouldContain("dataset 'trains' had no partitions as of 2001-01-01T23:59:59Z; the first was written at ");
        (await Cli.RunAsync(folder.Path, "train", "late", "--as-of", "yesterday")).Error.ShouldContain("'yesterday' is not a date. Write a day (2026-01-31) or a moment (2026-01-31T14:00:00Z), in UTC.");
        (await Cli.DoneAsync(folder.Path, "models", "--json")).Json.GetProperty("models")[0].GetProperty("versions").GetInt32().ShouldBe(0);

        var run = (await Cli.DoneAsync(folder.Path, "train", "late", "--as-of", then, "--json")).Json;
        (run.GetProperty("trainRows").GetInt64() + run.GetProperty("holdoutRows").GetInt64()).ShouldBe(9 * 240);
    }

    [Fact]
    public async Task Approval_ByAPerson_ThenRollback_MovesTheChampionAndIsAudited()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\napproval: human\n");

        var waits = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json;
        waits.GetProperty("awaitingApproval").GetBoolean().ShouldBeTrue();
        waits.TryGetProperty("champion", out _).ShouldBeFalse();
        (await Cli.RunAsync(folder.Path, "predict", "late", "--input", folder.Day(20))).Error.ShouldContain("has no champion yet");

        var approved = (await Cli.DoneAsync(folder.Path, "models", "approve", "late", "--comment", "looks right", "--json")).Json.GetProperty("models")[0];
        approved.GetProperty("champion").GetInt32().ShouldBe(1);
        await Cli.DoneAsync(folder.Path, "train", "late");
        await Cli.DoneAsync(folder.Path, "models", "approve", "late", "2", "--comment", "newer");
        await Cli.DoneAsync(folder.Path, "train", "late");
        (await Cli.DoneAsync(folder.Path, "models", "reject", "late", "--comment", "no need")).Out.ShouldContain("version 3: rejected. Champion: version 2.");
        var refused = await Cli.RunAsync(folder.Path, "models", "promote", "late", "3", "--comment", "anyway");
        refused.Code.ShouldBe(ExitCode.No);

        var back = (await Cli.DoneAsync(folder.Path, "models", "rollback", "late", "--comment", "complaints", "--json")).Json.GetProperty("models")[0];
        back.GetProperty("champion").GetInt32().ShouldBe(1);
        var audit = (await Cli.DoneAsync(folder.Path, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("audit").EnumerateArray().Select(a => a.GetProperty("action").GetString()).ToArray();
        audit.ShouldBe([
            "registered", "awaiting-approval", "approved", "promoted", "registered", "awaiting-approval", "approved", "promoted", "registered", "awaiting-approval", "rejected", "rolled-back"]);
    }

    [Fact]
    public async Task Promote_ExpectingAnotherChampion_AnswersNoAndChangesNothing()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        for (var i = 0; i < 3; i++) await Cli.DoneAsync(folder.Path, "train", "late");
        await Cli.DoneAsync(folder.Path, "models", "promote", "late", "1", "--expect", "3", "--comment", "mine");

        var second = await Cli.RunAsync(folder.Path, "models", "promote", "late", "2", "--expect", "3", "--comment", "mine too");

        second.Code.ShouldBe(ExitCode.No);
        second.Error.ShouldContain("the champion of model 'late' is version 1, not version 3 as expected: promoted by ");
        var back = await Cli.RunAsync(folder.Path, "models", "rollback", "late", "--expect", "3", "--json");
        back.Code.ShouldBe(ExitCode.No);
        back.Json.GetProperty("error").GetString()!.ShouldContain("is version 1, not version 3");
        (await Cli.RunAsync(folder.Path, "models", "promote", "late", "2", "--expect", "-1")).Code.ShouldBe(ExitCode.Usage);
        (await Cli.DoneAsync(folder.Path, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("champion").GetInt32().ShouldBe(1);
        (await Cli.DoneAsync(folder.Path, "models", "rollback", "late", "--expect", "1")).Out.ShouldContain("Champion: version 3.");
    }

    [Fact]
    public async Task Approval_Expired_AnswersNoAndChangesNothing()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\napproval: { by: human, expires: 1s }\n");
        await Cli.DoneAsync(folder.Path, "train", "late");
        await Task.Delay(TimeSpan.FromSeconds(1.1));

        var late = await Cli.RunAsync(folder.Path, "models", "approve", "late", "1", "--comment", "at last");

        late.Code.ShouldBe(ExitCode.No);
        late.Error.ShouldContain("expired at");
        (await Cli.RunAsync(folder.Path, "models", "promote", "late", "1", "--comment", "anyway")).Code.ShouldBe(ExitCode.No);
        var audit = (await Cli.DoneAsync(folder.Path, "models", "audit", "late", "--json")).Json.GetProperty("audit").EnumerateArray().Select(a => a.GetProperty("action").GetString()).ToArray();
        audit.ShouldBe(["registered", "awaiting-approval", "expired"]);
    }

    [Fact]
    public async Task Approval_WithoutComment_IsAUsageError()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\napproval: human\n");
        await Cli.DoneAsync(folder.Path, "train", "late");
        var run = await Cli.RunAsync(folder.Path, "models", "approve", "late");
        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("needs a comment");
    }

    [Fact]
    public async Task Stop_ThenResume_IsShownAndAudited()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("min: 0.6", "min: 0.9999, onFailure: stop", StringComparison.Ordinal));
        (await Cli.RunAsync(folder.Path, "train", "late")).Code.ShouldBe(ExitCode.No);
        (await Cli.DoneAsync(folder.Path, "models", "show", "late")).Out.ShouldContain("serverless-ml models resume late");
        (await Cli.DoneAsync(folder.Path, "models", "resume", "late", "--comment", "looked at it")).Out.ShouldContain("trains by itself again");
        (await Cli.RunAsync(folder.Path, "models", "resume", "late", "--comment", "again")).Code.ShouldBe(ExitCode.No);
        (await Cli.DoneAsync(folder.Path, "models", "audit", "late")).Out.ShouldSatisfyAllConditions(o => o.ShouldContain("refused by gate: auc"), o => o.ShouldContain("stopped by gate"), o => o.ShouldContain("resumed by"));
    }

    [Fact]
    public async Task Fairness_ByAColumnThatIsNoFeature_IsShownWithTheVersion()
    {
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\nfairness: { groups: [{ early: at.Hour < 12 }], minRows: 10 }\n");
        var run = (await Cli.DoneAsync(folder.Path, "train", "late", "--json")).Json.GetProperty("run").GetString()!;
        (await Cli.DoneAsync(folder.Path, "runs", "show", run)).Out.ShouldContain("By early:");
        var json = (await Cli.DoneAsync(folder.Path, "models", "show", "late", "1", "--json")).Json.GetProperty("models")[0].GetProperty("fairness").GetProperty("groupings")[0];
        json.GetProperty("grouping").GetString().ShouldBe("early");
        json.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("group").GetString()).Order().ShouldBe(["false", "true"]);
        (await Cli.DoneAsync(folder.Path, "models", "show", "late", "1")).Out.ShouldSatisfyAllConditions(o => o.ShouldContain("By early:"), o => o.ShouldContain("demographic-parity: difference"));
    }
}
