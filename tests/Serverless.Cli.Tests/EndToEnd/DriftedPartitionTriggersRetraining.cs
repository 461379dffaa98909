using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Monitoring;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Cli.Tests.EndToEnd;

/// <summary>The whole loop with the real engines: days like those before leave the champion alone, days unlike them make a new one, after the cooldown.</summary>
public sealed class DriftedPartitionTriggersRetraining : IAsyncLifetime
{
    private const string Model = SmallWorkspace.Model + "\nretrain: { onDrift: true, cooldown: 12h }\n";

    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private TempFolder folder = null!;
    private ServiceProvider up = null!;

    public async Task InitializeAsync()
    {
        folder = await SmallWorkspace.WithDataAsync(Model);
        await Cli.DoneAsync(folder.Path, "train", "late");
        var draft = WorkspaceLoader.Read(folder.Path);
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(time);
        Composition.Add(services, draft.Workspace, Parts.All);
        up = services.AddSchedulerTicks().BuildServiceProvider();
        draft.Accept(up.GetServices<IWorkspaceValidator>());
    }

    public async Task DisposeAsync()
    {
        await up.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task DriftedDays_AfterDaysLikeBefore_AreFoundToldAndTrainedOnOnceTheCooldownIsOver()
    {
        await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(11), folder.Day(12));
        await TickAsync(TimeSpan.FromMinutes(1));
        var calm = (await ReportsAsync()).ShouldHaveSingleItem();
        (calm.Drifted, calm.Version, calm.Basis, calm.Current.Partitions).ShouldBe((false, 1, MonitorBasis.Newer, 2));
        (await SignalsAsync()).ShouldContain(s => s.Kind == SignalKind.Drift && s.Name == "drift" && !s.Bad);

        await Cli.DoneAsync(folder.Path, "ingest", "trains", Drifted(13), Drifted(14), Drifted(15));
        await TickAsync(TimeSpan.FromMinutes(1));
        var drifted = (await ReportsAsync())[0];
        drifted.Drifted.ShouldBeTrue();
        drifted.DriftedColumns.ShouldContain("delay");
        drifted.DriftedColumns.ShouldContain("line");
        drifted.LabelDrifted.ShouldBe(true);
        drifted.UpstreamChanges.ShouldContain(c => c.Contains("night", StringComparison.Ordinal));
        var told = await SignalsAsync();
        told.ShouldContain(s => s.Kind == SignalKind.Drift && s.Name == "drift" && s.Bad && s.Run == drifted.Run);
        told.ShouldContain(s => s.Kind == SignalKind.UpstreamChange && s.Name == "upstream(line)" && s.Bad);

        await TickAsync(TimeSpan.FromMinutes(1));
        var waiting = (await DecisionsAsync()).ShouldHaveSingleItem();
        (waiting.Cause, waiting.Train).ShouldBe((DecisionCause.Drift, false));
        waiting.Reason.ShouldStartWith("not yet: cooldown until ");
        (await ChampionAsync()).ShouldBe(1);

        await TickAsync(TimeSpan.FromHours(13));
        await TickAsync(TimeSpan.FromMinutes(1));
        var decision = (await DecisionsAsync()).Single(d => d.Train);
        decision.Cause.ShouldBe(DecisionCause.Drift);
        decision.Reason.ShouldStartWith($"drift found by run {drifted.Run}: ");
        var run = (await up.GetRequiredService<IRunEngine>().FindAsync(decision.Run!))!;
        run.Status.ShouldNotBe(RunStatus.Running);
        run.Data.GetProperty("by").GetString().ShouldBe("drift");
        run.Data.GetProperty("report").GetProperty("trainRows").GetInt64().ShouldBeGreaterThan(10 * 240);

        // What was decided is not decided again.
        await TickAsync(TimeSpan.FromDays(1));
        (await DecisionsAsync()).Count(d => d.Train).ShouldBe(1);
    }

    private string Drifted(int day)
    {
        var csv = new StringBuilder("at,delay,line\n");
        for (var i = 0; i < 240; i++) csv.Append(CultureInfo.InvariantCulture, $"2024-03-{day:00} {i % 24:00}:{i % 60:00}:00,{40 + ((i * 7) % 50)},{(i % 2 == 0 ? "night" : "blue")}\n");
        return folder.Write($"drops/2024-03-{day:00}.csv", csv.ToString());
    }

    // What a process with workers does in a while.
    private async Task TickAsync(TimeSpan after)
    {
        time.Advance(after);
        await up.GetRequiredService<IScheduler>().TickAsync(time.GetUtcNow());
        var engine = up.GetRequiredService<IRunEngine>();
        while (await engine.WorkOnceAsync())
        {
        }
    }

    private async Task<List<DriftEntry>> ReportsAsync() => await up.GetRequiredService<IDriftHistory>().ListAsync("late").ToListAsync();

    private Task<IReadOnlyList<Decision>> DecisionsAsync() => up.GetRequiredService<IDecisions>().ListAsync("late");

    private Task<int?> ChampionAsync() => up.GetRequiredService<IModelRegistry>().AliasAsync("late", Alias.Champion);

    private async Task<List<Signal>> SignalsAsync()
    {
        var day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return await up.GetRequiredService<ISignals>().ReadAsync(day.AddDays(-2), day.AddDays(1)).ToListAsync();
    }
}
