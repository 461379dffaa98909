using Serverless.Testing;

namespace Serverless.Infra.Tests.Hooks;

public sealed class PostDeployTests
{
    private static readonly string Script = Repository.PathOf("infra/hooks/postdeploy.sh");

    private static readonly Dictionary<string, string?> FromAzd = new()
    {
        ["AZURE_RESOURCE_GROUP"] = "rg-test",
        ["AZURE_FUNCTION_APP"] = "func-test",
        ["AZURE_EVENT_TOPIC"] = "evgt-test",
        ["API_URL"] = "https://func-test.example",
    };

    [SkippableFact]
    public async Task Run_AppHasItsKey_SubscribesTheBlobTriggerToLanding()
    {
        Skip.If(OperatingSystem.IsWindows(), "the hook for Windows is postdeploy.ps1");
        using var folder = new TempFolder();
        var run = await RunAsync(folder, "case \"$*\" in *'keys list'*) echo the-key;; esac");

        run.ExitCode.ShouldBe(0, run.Errors);
        run.Output.ShouldContain("API: https://func-test.example");
        var asked = await File.ReadAllTextAsync(folder["asked"]);
        asked.ShouldContain("functionapp keys list --resource-group rg-test --name func-test --query systemKeys.blobs_extension");
        asked.ShouldContain("eventgrid system-topic event-subscription create --resource-group rg-test --system-topic-name evgt-test --name landing");
        asked.ShouldContain("--endpoint https://func-test.example/runtime/webhooks/blobs?functionName=Host.Functions.DropArrived&code=the-key");
        asked.ShouldContain("--subject-begins-with /blobServices/default/containers/landing/");
    }

    [SkippableFact]
    public async Task Run_EventGridRefuses_Fails()
    {
        Skip.If(OperatingSystem.IsWindows(), "the hook for Windows is postdeploy.ps1");
        using var folder = new TempFolder();
        var run = await RunAsync(folder, "case \"$*\" in *'keys list'*) echo the-key;; *) echo refused >&2; exit 3;; esac");
        run.ExitCode.ShouldNotBe(0);
        run.Errors.ShouldContain("refused");
        run.Output.ShouldNotContain("API:");
    }

    [SkippableFact]
    public async Task Run_WithoutAzd_SaysHowToRunIt()
    {
        Skip.If(OperatingSystem.IsWindows(), "the hook for Windows is postdeploy.ps1");
        var run = await Command.RunAsync("sh", [Script], environment: FromAzd.ToDictionary(v => v.Key, _ => (string?)null));
        run.ExitCode.ShouldNotBe(0);
        run.Errors.ShouldContain("AZURE_RESOURCE_GROUP");
        run.Errors.ShouldContain("azd hooks run postdeploy");
    }

    [SkippableFact]
    public void Scripts_InTheCheckout_AreExecutable()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no executable bit");
        if (OperatingSystem.IsWindows()) return;
        foreach (var script in new[] { Script, Repository.PathOf(".ci/run") })
        {
            File.GetUnixFileMode(script).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue(script);
        }
    }

    [SkippableFact]
    public async Task Scripts_ByShellCheck_HaveNoFinding()
    {
        var tool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(p => Path.Combine(p, "shellcheck")).FirstOrDefault(File.Exists);
        Skip.If(tool is null, "shellcheck is not installed");
        var run = await Command.RunAsync(tool!, [Script, Repository.PathOf(".ci/run")]);
        run.Output.ShouldBe("");
        run.ExitCode.ShouldBe(0);
    }

    /// <summary>With an <c>az</c> that writes down what it is asked for, then does what <paramref name="answer"/> says.</summary>
    private static Task<Command> RunAsync(TempFolder folder, string answer)
    {
        var az = folder.Write("az", $"#!/bin/sh\necho \"$*\" >> '{folder["asked"]}'\n{answer}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(az, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Command.RunAsync("sh", [Script], environment: new Dictionary<string, string?>(FromAzd)
        {
            ["PATH"] = folder.Path + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
        });
    }
}
