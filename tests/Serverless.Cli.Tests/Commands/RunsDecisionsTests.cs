namespace Serverless.Cli.Tests.Commands;

public sealed class RunsDecisionsTests
{
    [Fact]
    public async Task Decisions_GateAskedToTuneWithoutASearch_SaysTheNoAndItsReason()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        (await Cli.DoneAsync(folder.Path, "runs", "decisions", "late")).Out.ShouldContain("Nothing was decided about late yet.");
        folder.Write("models/late.yaml", SmallWorkspace.Model.Replace("min: 0.6", "min: 0.9999, onFailure: tune", StringComparison.Ordinal));
        (await Cli.RunAsync(folder.Path, "train", "late")).Code.ShouldBe(ExitCode.No);

        var decision = (await Cli.DoneAsync(folder.Path, "runs", "decisions", "late", "--json")).Json.GetProperty("decisions").EnumerateArray().ShouldHaveSingleItem();
        decision.GetProperty("cause").GetString().ShouldBe("gate");
        decision.GetProperty("train").GetBoolean().ShouldBeFalse();
        decision.GetProperty("reason").GetString().ShouldNotBeNull().ShouldContain("no search is configured for 'late'");
        (await Cli.DoneAsync(folder.Path, "runs", "decisions", "late")).Out.ShouldContain("no training: ");
    }

    [Fact]
    public async Task Decisions_UnknownModel_SuggestsTheOneThatExists()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        var answer = await Cli.RunAsync(folder.Path, "runs", "decisions", "lete");
        answer.Code.ShouldNotBe(ExitCode.Done);
        (answer.Out + answer.Error).ShouldContain("late");
    }
}
