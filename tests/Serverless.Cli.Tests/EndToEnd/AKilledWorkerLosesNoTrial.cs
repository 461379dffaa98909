using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Cli.Hosting;
using Serverless.Cli.Commands;
using Serverless.Cli.Tests.Commands;
using Serverless.Runs;
using Serverless.Search;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class AKilledWorkerLosesNoTrial
{
    private const int Trials = 8;

    private static readonly string Model = SmallWorkspace.Model + $"\nsearch:\n  budget: {{ trials: {Trials} }}\n  halving: {{ rungs: 1 }}\n  trainers: {{ lightgbm: {{ leaves: {{ min: 2, max: 31 }}, iterations: 700 }} }}\n";

    [SkippableFact]
    public async Task Search_WorkerKilledAmongTrials_EndsWithTheTrialsOfASearchThatNobodyDisturbed()
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are killed with kill");
        using var folder = await SmallWorkspace.WithDataAsync(Model);
        var undisturbed = (await Cli.DoneAsync(folder.Path, "search", "late", "--no-train", "--workers", "2", "--json")).Json;

        // On a machine that is busy elsewhere a whole search may go by between two looks: then another is killed.
        var (run, before) = await KilledAsync(folder);
        while (before.Count == Trials) (run, before) = await KilledAsync(folder);
        (await StatusAsync(folder, run)).ShouldBe("running");

        // Another process, ten minutes later: what the dead one held has run out.
        await using (var other = Later(folder.Path))
        {
            (await other.GetRequiredService<ISearches>().DriveAsync(run, 2, null)).ShouldSatisfyAllConditions(r => r.Status.ShouldBe(RunStatus.Done), r => r.Reason.ShouldBeNull());
        }

        // Every trial once, those that had ended untouched, and all of them the same as if nothing had happened.
        var after = await EndedAsync(folder, run);
        after.Count.ShouldBe(Trials);
        foreach (var (id, record) in before) after[id].ShouldBe(record);
        var search = await LookAsync(folder, run);
        SearchTests.Trials(search).ShouldBe(SearchTests.Trials(undisturbed));
    }

    /// <summary>A search whose only worker is killed after two trials, with the trials that had ended by then.</summary>
    private static async Task<(string Run, IReadOnlyDictionary<string, string> Ended)> KilledAsync(TempFolder folder)
    {
        var run = (await Cli.DoneAsync(folder.Path, "search", "late", "--no-train", "--detach", "--json")).Json.GetProperty("run").GetString()!;
        var (victim, _) = await CliProcess.ServeAsync(folder.Path, "up");
        using (victim)
        {
            await Eventually.TrueAsync(async () => (await EndedAsync(folder, run)).Count >= 2, () => victim.Error);
            victim.Kill();
            await victim.ExitAsync();
        }

        return (run, await EndedAsync(folder, run));
    }

    private static async Task<string?> StatusAsync(TempFolder folder, string run) => (await Cli.DoneAsync(folder.Path, "runs", "show", run, "--json")).Json.GetProperty("runs")[0].GetProperty("status").GetString();

    /// <summary>Records of the search's trials that have ended, by id.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> EndedAsync(TempFolder folder, string run)
    {
        await using var store = Open(folder.Path, Parts.Store, TimeProvider.System);
        var found = await store.GetRequiredService<ISearches>().LookAsync(run);
        return found.Trials.Where(t => t.Run.Status != RunStatus.Running).ToDictionary(t => t.Run.Id, t => JsonSerializer.Serialize(t.Run, ServerlessJson.Options));
    }

    private static async Task<JsonElement> LookAsync(TempFolder folder, string run)
    {
        await using var store = Open(folder.Path, Parts.Store, TimeProvider.System);
        var view = await store.GetRequiredService<ISearches>().LookAsync(run);
        return JsonSerializer.SerializeToElement(SearchScreen.Document(view, view.Report!, null), ServerlessJson.Options);
    }

    private static ServiceProvider Later(string folder) => Open(folder, Parts.All, new TenMinutesLater());

    private static ServiceProvider Open(string folder, Parts parts, TimeProvider time)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(time);
        Composition.Add(services, WorkspaceLoader.Load(folder), parts);
        return services.BuildServiceProvider();
    }

    private sealed class TenMinutesLater : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddMinutes(10);
    }
}
