using Serverless.Testing;

namespace Serverless.Infra.Tests.Arm;

public sealed class BicepFilesTests
{
    [SkippableFact]
    public async Task Lint_EveryFile_FindsNothing()
    {
        Bicep.SkipWhereAbsent();
        var run = await Bicep.RunAsync("lint", "--pattern", Repository.PathOf("infra/**/*.bicep"));
        (run.Output + run.Errors).Trim().ShouldBe("");
        run.ExitCode.ShouldBe(0);
    }

    [SkippableFact]
    public async Task Build_Main_WarnsOfNothing()
    {
        Bicep.SkipWhereAbsent();
        var run = await Bicep.RunAsync("build", Repository.PathOf("infra/main.bicep"), "--stdout");
        run.Errors.Trim().ShouldBe("");
        run.ExitCode.ShouldBe(0);
        run.Output.ShouldContain("deploymentTemplate.json");
    }

    [SkippableFact]
    public async Task Lint_FileWithAnUnusedParameter_IsNoticed()
    {
        Bicep.SkipWhereAbsent();
        using var folder = new TempFolder();
        File.Copy(Repository.PathOf("infra/bicepconfig.json"), folder["bicepconfig.json"]);
        var run = await Bicep.RunAsync("lint", folder.Write("main.bicep", "param nobodyReadsThis string\n"));
        run.ExitCode.ShouldNotBe(0);
        (run.Output + run.Errors).ShouldContain("no-unused-params");
    }

    [Fact]
    public void Modules_EveryFile_IsUsedByMain()
    {
        var main = Repository.Read("infra/main.bicep");
        foreach (var module in Directory.GetFiles(Repository.PathOf("infra/modules"), "*.bicep"))
        {
            main.ShouldContain($"'modules/{Path.GetFileName(module)}'");
        }

        Directory.GetFiles(Repository.PathOf("infra"), "*.bicep", SearchOption.AllDirectories)
            .ShouldAllBe(f => !File.ReadAllText(f).Contains("br/", StringComparison.Ordinal), "registry modules do not restore offline");
    }
}
