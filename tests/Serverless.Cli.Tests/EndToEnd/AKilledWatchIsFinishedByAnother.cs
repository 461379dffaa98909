using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Monitoring;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class AKilledWatchIsFinishedByAnother
{
    private const string Run = "monitor-20240320000000-aaaaaa";

    // kill -9 in two moments: the report and its entry stand and the run does not know of it; the signals are out and the run does not know of that.
    [SkippableFact]
    public async Task Drift_KilledBetweenItsWrites_AnotherProcessFinishesWithOneReportAndOneAlert()
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are killed with SIGKILL");
        using var trained = await SmallWorkspace.WithDataAsync();
        await Cli.DoneAsync(trained.Path, "train", "late");
        await Cli.DoneAsync(trained.Path, ["ingest", "trains", .. Enumerable.Range(11, 3).Select(d => Drifted(trained, d))]);
        using var calm = Copy(trained);
        var undisturbed = await FinishedAsync(calm, start: true);
        undisturbed.Alerts.Count(a => a.StartsWith("drift late", StringComparison.Ordinal)).ShouldBe(1);

        foreach (var table in new[] { StoreNames.Tables.Drift, StoreNames.Tables.Signals })
        {
            using var folder = Copy(trained);
            using (var victim = CliProcess.StartProgram("Serverless.CrashHost.dll", folder.Path, "watch", folder.Path, "late", Run, table))
            {
                (await victim.ExitAsync()).ShouldBe(137, $"killed at {table}: {victim.Error}");
            }

            (await Cli.DoneAsync(folder.Path, "runs", "show", Run, "--json")).Json.GetProperty("runs")[0].GetProperty("status").GetString().ShouldBe("running", table);
            var written = Reports(folder).ShouldHaveSingleItem();
            var report = await File.ReadAllBytesAsync(written);

            var finished = await FinishedAsync(folder, start: false);

            (await File.ReadAllBytesAsync(Reports(folder).ShouldHaveSingleItem())).ShouldBe(report, $"killed at {table}: what was told is not told otherwise");
            finished.ShouldSatisfyAllConditions(f => f.Entries.ShouldBe(1, table), f => f.Alerts.ShouldBe(undisturbed.Alerts, table), f => f.Messages.ShouldBe(undisturbed.Messages, table));
        }
    }

    /// <summary>Another process, ten minutes later: the dead one's lease has run out.</summary>
    private static async Task<(int Entries, IReadOnlyList<string> Alerts, int Messages)> FinishedAsync(TempFolder folder, bool start)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(new TenMinutesLater());
        Composition.Add(services, WorkspaceLoader.Load(folder.Path), Parts.All);
        await using var other = services.BuildServiceProvider();
        var runs = other.GetRequiredService<IRunEngine>();
        if (start) await runs.StartAsync(new MonitorState { Model = "late", Reason = "test", By = "test" }, Run);
        var record = await runs.DriveAsync(Run);
        (record.Status, record.State, record.Reason).ShouldBe((RunStatus.Done, "done", null));
        record.Data.Deserialize<MonitorState>(ServerlessJson.Options)!.Entry!.Drifted.ShouldBeTrue();
        await other.GetRequiredService<IAlertWorker>().FinishAsync();
        await other.GetRequiredService<IAlertWorker>().FinishAsync();
        var entries = 0;
        await foreach (var _ in other.GetRequiredService<IRecordStore>().QueryAsync(StoreNames.Tables.Drift, "late")) entries++;
        var alerts = await other.GetRequiredService<IAlerts>().ListAsync();
        return (entries, [.. alerts.Select(a => $"{Word(a.Kind)} {a.Subject} {a.Rule} {a.Status} {a.Count} {a.Episodes}").Order(StringComparer.Ordinal)], alerts.Sum(a => a.Notifications.Count));
    }

    private static TempFolder Copy(TempFolder from)
    {
        var to = new TempFolder();
        foreach (var file in Directory.EnumerateFiles(from.Path, "*", SearchOption.AllDirectories))
        {
            var target = to[Path.GetRelativePath(from.Path, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    private static string Word(SignalKind? kind) => kind is { } known ? JsonNamingPolicy.KebabCaseLower.ConvertName(known.ToString()) : "-";

    private static string[] Reports(TempFolder folder) => Directory.GetFiles(folder[".serverless/objects/runs"], "drift.json", SearchOption.AllDirectories);

    private static string Drifted(TempFolder folder, int day)
    {
        var csv = new StringBuilder("at,delay,line\n");
        for (var i = 0; i < 240; i++) csv.Append(CultureInfo.InvariantCulture, $"2024-03-{day:00} {i % 24:00}:{i % 60:00}:00,{40 + ((i * 7) % 50)},{(i % 2 == 0 ? "night" : "blue")}\n");
        return folder.Write($"drops/2024-03-{day:00}.csv", csv.ToString());
    }

    private sealed class TenMinutesLater : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddMinutes(10);
    }
}
