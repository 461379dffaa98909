using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Cli.Hosting;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class AKilledFitIsFinishedByAnother
{
    private const string Iterations = "12000";

    [SkippableFact]
    public async Task Train_KilledWithinTheFit_LosesNothingAndAnotherProcessFinishesTheSameRun()
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are killed with kill");
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("iterations: 10,", $"iterations: {Iterations},", StringComparison.Ordinal));
        string run;
        using (var victim = CliProcess.Start(folder.Path, "train", "late", "--json"))
        using (var process = Process.GetProcessById(victim.Id))
        {
            await Eventually.TrueAsync(async () => (await RunsAsync(folder)).Count == 1, () => victim.Error);
            // Reading ten days takes a few milliseconds: what the process computes for half a second more is the fit.
            var before = process.TotalProcessorTime;
            await Eventually.TrueAsync(() => Task.FromResult(process.TotalProcessorTime - before > TimeSpan.FromSeconds(1.5)), () => victim.Error);
            victim.Kill();
            run = (await RunsAsync(folder)).ShouldHaveSingleItem();
        }

        (await Cli.DoneAsync(folder.Path, "runs", "show", run, "--json")).Json.GetProperty("runs")[0].GetProperty("status").GetString().ShouldBe("running");
        (await Cli.DoneAsync(folder.Path, "models", "--json")).Json.GetProperty("models")[0].GetProperty("versions").GetInt32().ShouldBe(0);

        // Another process, ten minutes later: the dead one's lease and message have run out.
        await using var other = Later(folder.Path);
        var record = await other.GetRequiredService<IRunEngine>().DriveAsync(run);
        (record.Id, record.Status, record.Reason).ShouldBe((run, RunStatus.Done, null));
        var version = (await other.GetRequiredService<IModelRegistry>().VersionsAsync("late")).ShouldHaveSingleItem();
        (version.Version, version.Run).ShouldBe((1, run));
        (await RunsAsync(folder)).ShouldBe([run]);
    }

    private static async Task<IReadOnlyList<string>> RunsAsync(TempFolder folder) =>
        [.. (await Cli.DoneAsync(folder.Path, "runs", "--json")).Json.GetProperty("runs").EnumerateArray().Where(r => r.GetProperty("kind").GetString() == "train").Select(r => r.GetProperty("id").GetString()!)];

    private static ServiceProvider Later(string folder)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(new TenMinutesLater());
        Composition.Add(services, WorkspaceLoader.Load(folder), Parts.All);
        return services.BuildServiceProvider();
    }

    private sealed class TenMinutesLater : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddMinutes(10);
    }
}
