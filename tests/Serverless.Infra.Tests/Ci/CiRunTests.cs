using Serverless.Testing;

namespace Serverless.Infra.Tests.Ci;

/// <summary><c>.ci/run</c> in a folder of its own, with a <c>dotnet</c> that prints what it is told to.</summary>
public sealed class CiRunTests : IDisposable
{
    private const string Readme = "# X\n\n```bash\ndotnet test Serverless.sln\n```\n";
    private const string Four = "Passed!  - Failed:     0, Passed:     4, Skipped:     0, Total:     4, Duration: 1 s - A.Tests.dll (net10.0)\n";
    private const string Seven = "Passed!  - Failed:     0, Passed:     5, Skipped:     2, Total:     7, Duration: 9 ms - B.Tests.dll (net10.0)\n";
    private const string OneBad = "Failed!  - Failed:     1, Passed:     2, Skipped:     0, Total:     3, Duration: 1 m 2 s - C.Tests.dll (net10.0)\n";
    private const string AllSkipped = "Skipped! - Failed:     0, Passed:     0, Skipped:     3, Total:     3, Duration: 1 ms - D.Tests.dll (net10.0)\n";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [InlineData(Four + Seven, 0, 0, "9 passed, 0 failed, 2 skipped")]
    [InlineData(Four + OneBad + Seven, 1, 1, "11 passed, 1 failed, 2 skipped")]
    [InlineData(Four, 1, 1, "4 passed, 0 failed, 0 skipped")]
    [InlineData(AllSkipped, 0, 1, "0 passed, 0 failed, 3 skipped")]
    [InlineData("", 0, 1, "0 passed, 0 failed, 0 skipped")]
    [InlineData("The active test run was aborted.\n" + Four, 1, 1, "4 passed, 0 failed, 0 skipped")]
    public async Task Run_TestOutput_IsSummedUpAndDecides(string output, int dotnetCode, int expectedCode, string lastLine)
    {
        var run = await RunAsync(Readme, output, dotnetCode);
        run.Output.TrimEnd().Split('\n')[^1].ShouldBe(lastLine, run.Errors);
        (run.ExitCode == 0 ? 0 : 1).ShouldBe(expectedCode);
    }

    [SkippableFact]
    public async Task Run_Readme_GivesTheCommand()
    {
        await RunAsync("```\ndotnet test Other.sln --settings x\n```\n", Four, 0);
        (await File.ReadAllTextAsync(folder["asked"])).Trim().ShouldBe("test Other.sln --settings x");
    }

    [SkippableTheory]
    [InlineData("# Nothing\n\ndotnet test Serverless.sln\n")]
    [InlineData("```\ndotnet test A.sln\ndotnet test B.sln\n```\n")]
    public async Task Run_ReadmeWithoutOneCommand_SaysSo(string readme)
    {
        var run = await RunAsync(readme, Four, 0);
        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain("README.md must have one test command");
        File.Exists(folder["asked"]).ShouldBeFalse();
    }

    [Fact]
    public void Readme_OfThisProject_HasBothCommands()
    {
        var readme = Repository.Read("README.md");
        readme.ShouldContain("\ndotnet test Serverless.sln\n");
        readme.ShouldContain("\ndotnet run --project src/Serverless.Cli -- demo\n");
    }

    private Task<Command> RunAsync(string readme, string output, int code)
    {
        Skip.If(OperatingSystem.IsWindows(), ".ci/run is a bash script");
        folder.Write("README.md", readme);
        folder.Write("output", output);
        Executable("dotnet", $"#!/bin/sh\necho \"$*\" > '{folder["asked"]}'\ncat '{folder["output"]}'\nexit {code}\n");
        Executable(".ci/run", Repository.Read(".ci/run"));
        Directory.CreateDirectory(folder["tests"]);
        return Command.RunAsync(folder[".ci/run"], [], environment: new Dictionary<string, string?>
        {
            ["PATH"] = folder.Path + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
        });
    }

    private void Executable(string name, string text)
    {
        var path = folder.Write(name, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
