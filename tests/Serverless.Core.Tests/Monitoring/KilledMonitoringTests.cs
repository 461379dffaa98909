using System.Text.Json;
using Serverless.Core.Tests.Runs;
using Serverless.Core.Tests.Training;
using Serverless.Drift;
using Serverless.Monitoring;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Monitoring;

/// <summary>
/// A process dies just after its n-th call to a store took effect while it monitors a model, for every n. Another one finishes the run: one report, one entry, each signal
/// once, all as if nobody had been disturbed.
/// </summary>
public sealed class KilledMonitoringTests
{
    private const string Id = "monitor-20260102030405-aaaaaa";

    [Fact]
    public async Task Monitor_ProcessDiesAtAnyCall_AnotherFinishesOnce()
    {
        using var trained = new TempFolder();
        using (var fixture = Fixture(trained["s"]))
        {
            (await fixture.TrainAsync()).Record.Status.ShouldBe(RunStatus.Done);

            // What the comparison reads and computes has no effect on a store; what follows from its report has.
            await fixture.Objects.PutAsync(DriftRecords.ReportKey(Id), new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(Report, ServerlessJson.Options)));
        }

        string[]? undisturbed = null;
        for (var at = 0; ; at++)
        {
            using var store = new TempFolder();
            Copy(trained["s"], store["s"]);
            var fuse = at == 0 ? null : new Fuse(at, after: true);
            using (var mortal = Fixture(store["s"], fuse, newer: true)) await Record.ExceptionAsync(() => RunAsync(mortal));

            using var other = Fixture(store["s"], newer: true);
            other.Time.Advance(TimeSpan.FromMinutes(2));
            await other.Engine.StartAsync(State, Id);
            var run = await other.FinishAsync(Id);

            (run.Status, run.State, run.Reason).ShouldBe((RunStatus.Done, "done", null), $"call {at}");
            var left = await LeftAsync(other);
            undisturbed ??= left;
            undisturbed.Length.ShouldBeGreaterThan(3);
            left.ShouldBe(undisturbed, $"call {at}");
            if (fuse is { Blown: false }) return;
        }
    }

    private static MonitorState State => new() { Model = "late", Reason = "test", By = "cli:alice" };

    private static async Task RunAsync(TrainFixture fixture)
    {
        await fixture.Engine.StartAsync(State, Id);
        await fixture.Engine.DriveAsync(Id);
    }

    /// <summary>The champion learned from six days; four more have come since.</summary>
    private static TrainFixture Fixture(string store, Fuse? fuse = null, bool newer = false) =>
        new TrainFixture(TrainFixture.Binary(("steps", "5")), store, fuse, alerts: true).WithDays(newer ? 10 : 6, rows: 48);

    private static MonitorReport Report { get; } = new()
    {
        Run = Id, Dataset = "flights", Model = "late", Version = 1, At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Basis = MonitorBasis.Newer,
        Reference = new WindowFacts(default, default, 100, 6), Current = new WindowFacts(new DateTimeOffset(2001, 1, 7, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2001, 1, 11, 0, 0, 0, TimeSpan.Zero), 192, 4),
        Drifted = true, Reasons = ["1 of 1 columns drifted"], Share = 1, ShareThreshold = 0.5, Method = "auto", Correction = PValueCorrection.None, CorrectedTests = 0,
        Columns =
        [
            new DriftColumn
            {
                Name = "distance", Type = "number", Method = "ks", Statistic = 0.5, PValue = 0.001, Threshold = 0.05, Drifted = true, Severity = DriftSeverity.Drift,
                Missing = new MissingShares { Reference = 0, Current = 0, PValue = 1, Distance = 0, Drifted = false },
            },
        ],
    };

    /// <summary>The entries of the drift table and what the history of signals says, each signal once.</summary>
    private static async Task<string[]> LeftAsync(TrainFixture fixture)
    {
        var records = fixture.Get<IRecordStore>();
        var left = new List<string>();
        await foreach (var entry in records.QueryAsync(StoreNames.Tables.Drift, "late")) left.Add($"{entry.Row} {entry.Json}");
        left.Count.ShouldBe(1);
        await foreach (var batch in records.QueryAsync(StoreNames.Tables.Signals, "20260102"))
        {
            using var json = JsonDocument.Parse(batch.Json);
            left.AddRange(json.RootElement.EnumerateArray().Where(s => s.GetProperty("kind").GetString() is "drift" or "upstream-change").Select(s => s.GetRawText()));
        }

        left.Distinct().Count().ShouldBe(left.Count);
        return [.. left];
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
