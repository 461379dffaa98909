using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class UsageTests
{
    [Theory]
    [InlineData("traim", "error: there is no command 'traim'. Did you mean 'train'?")]
    [InlineData("models promot x", "error: there is no command 'promot'. Did you mean 'promote'?")]
    [InlineData("models --jsn", "error: there is no option '--jsn'. Did you mean '--json'?")]
    [InlineData("ingest", "error: 'ingest' needs DATASET and FILE.")]
    [InlineData("train a b", "error: 'b' is one argument too many.")]
    [InlineData("predict x", "error: Option '--input' is required.")]
    [InlineData("", "error: no command was given.")]
    public async Task CommandLine_NotUnderstood_SaysWhatWasMeant(string line, string expected)
    {
        using var folder = new TempFolder();

        var run = await Cli.RunAsync(folder.Path, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith(expected + "\n");
        run.Error.ShouldContain("--help'.");
        run.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task CommandLine_NotUnderstoodWithJson_StillGivesOneDocument()
    {
        using var folder = new TempFolder();

        var run = await Cli.RunAsync(folder.Path, "--json", "ingest");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Json.GetProperty("error").GetString().ShouldBe("'ingest' needs DATASET and FILE.");
        run.Json.GetProperty("exitCode").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Help_OfTheProgram_IsAsWritten()
    {
        using var folder = new TempFolder();

        var run = await Cli.DoneAsync(folder.Path, "--help");

        // The parser shows the name of the process: here the test's host.
        var text = run.Out.Replace(System.CommandLine.RootCommand.ExecutableName, "serverless-ml", StringComparison.Ordinal);
        string.Join('\n', text.Split('\n').Select(l => l.TrimEnd())).Trim().ShouldBe(Repository.Read("tests/Serverless.Cli.Tests/Commands/help.txt").ReplaceLineEndings("\n").Trim());
    }

    // A command is made only when its name is typed, so the table has to name it as it names itself.
    [Fact]
    public void Table_OfCommands_NamesThemAsTheyNameThemselves() =>
        CliApp.Table.Select(c => c.Name).ShouldBe(CliApp.Commands().Select(c => c.Command.Name));

    [Fact]
    public async Task Help_OfEveryCommand_FitsEightyColumnsAndShowsExamples()
    {
        using var folder = new TempFolder();
        foreach (var name in CliApp.Commands().SelectMany(c => c.Subcommands.Select(s => new[] { c.Command.Name, s.Command.Name }).Prepend([c.Command.Name])))
        {
            var run = await Cli.DoneAsync(folder.Path, [.. name, "--help"]);

            run.Out.ShouldContain("Examples:", customMessage: string.Join(' ', name));
            run.Out.Split("Examples:")[0].Split('\n').Select(l => l.TrimEnd().Length).Max().ShouldBeLessThanOrEqualTo(80, string.Join(' ', name));
        }
    }

    [Fact]
    public async Task AnyCommand_OutsideAWorkspace_SaysHowToMakeOne()
    {
        using var folder = new TempFolder();

        var run = await Cli.RunAsync(folder.Path, "models");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("there is no serverless.yaml in");
        run.Error.ShouldContain("serverless-ml init DIR --sample flights");
    }

    [Fact]
    public async Task AnyCommand_BelowTheWorkspace_FindsIt()
    {
        using var folder = SmallWorkspace.Create();
        Directory.CreateDirectory(folder["deep/below"]);

        (await Cli.DoneAsync(folder["deep/below"], "models", "--json")).Json.GetProperty("models")[0].GetProperty("model").GetString().ShouldBe("late");
    }

    [Fact]
    public async Task AnyCommand_WithAWrongWorkspace_ListsEveryProblemAndStopsBeforeChangingAnything()
    {
        using var folder = SmallWorkspace.Create(SmallWorkspace.Model.Replace("hour: at.Hour", "hour: at.Houre", StringComparison.Ordinal).Replace("name: lightgbm", "name: lightgmb", StringComparison.Ordinal));

        var run = await Cli.RunAsync(folder.Path, "--json", "ingest", "trains", folder.Day(1));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("models/late.yaml(6,");
        run.Error.ShouldContain("Did you mean 'lightgbm'?");
        run.Error.ShouldContain("2 problems; nothing was changed.");
        run.Json.GetProperty("problems").GetArrayLength().ShouldBe(2);
        Directory.Exists(folder[".serverless/objects/landing"]).ShouldBeFalse();
    }

    [Fact]
    public async Task UnknownNames_InEveryCommand_AreAnsweredWithTheNearest()
    {
        using var folder = SmallWorkspace.Create();
        var drop = folder.Day(1);
        string[][] lines = [["ingest", "train", drop], ["history", "train"], ["check", drop, "--dataset", "train"], ["profile", "train"]];
        foreach (var line in lines)
        {
            var run = await Cli.RunAsync(folder.Path, line);
            run.Code.ShouldBe(ExitCode.Usage, string.Join(' ', line));
            run.Error.ShouldBe("error: dataset 'train' is not in this workspace; did you mean 'trains'?\n");
        }

        foreach (var line in new[] { "train lat", "models show lat", "models promote lat 1", "models rollback lat" })
        {
            var run = await Cli.RunAsync(folder.Path, line.Split(' '));
            run.Code.ShouldBe(ExitCode.Usage, line);
            run.Error.ShouldBe("error: model 'lat' is not in this workspace; did you mean 'late'?\n");
        }
    }
}
