using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Drift;
using Serverless.Monitoring;

namespace Serverless.Web.Tests.Monitoring;

public sealed class DriftEndpointsTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync(services: s => s.AddSingleton<IDriftHistory, FiveReports>());

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task List_PagedByAfter_VisitsEverythingOnceNewestFirst()
    {
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await host.GetAsync($"/v1/models/late/drift?limit=2{(next is null ? "" : $"&after={next}")}");
            seen.AddRange(page["drift"]!.AsArray().Select(r => r!["run"]!.GetValue<string>()));
            next = page["next"]?.GetValue<string>();
        }
        while (next is not null);
        seen.ShouldBe(["monitor-5", "monitor-4", "monitor-3", "monitor-2", "monitor-1"]);
    }

    [Fact]
    public async Task List_ModelWithoutReports_IsEmpty() => (await host.GetAsync("/v1/models/minutes/drift"))["drift"]!.AsArray().ShouldBeEmpty();

    [Fact]
    public async Task List_UnknownModelOrPage_SaysSo()
    {
        (await host.GetAsync("/v1/models/lade/drift", 404))["detail"]!.GetValue<string>().ShouldContain("Did you mean 'late'?");
        (await host.GetAsync("/v1/models/late/drift?after=monitor-9", 400))["detail"]!.GetValue<string>().ShouldContain("Start again without it");
    }

    [Fact]
    public async Task Show_Run_IsTheWholeReport()
    {
        var report = await host.GetAsync("/v1/models/late/drift/monitor-2");
        report["columns"]![0]!["threshold"]!.GetValue<double>().ShouldBe(0.1);
        report["correction"]!.GetValue<string>().ShouldBe("none");
        (await host.GetAsync("/v1/models/late/drift/monitor-9", 404))["detail"]!.GetValue<string>().ShouldContain("GET /v1/models/late/drift");
    }

    private sealed class FiveReports : IDriftHistory
    {
        private static readonly WindowFacts Window = new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), 10, 1);

        public async IAsyncEnumerable<DriftEntry> ListAsync(string model, string? after = null, [EnumeratorCancellation] CancellationToken cancel = default)
        {
            await Task.Yield();
            var all = model == "late" ? Enumerable.Range(1, 5).Reverse().Select(Entry).ToList() : [];
            var start = after is null ? 0 : all.FindIndex(e => e.Run == after) + 1;
            if (after is not null && start == 0) throw new Problems.RequestException($"run '{after}' has no drift report of model '{model}'.");
            foreach (var entry in all.Skip(start)) yield return entry;
        }

        public Task<MonitorReport?> FindAsync(string model, string run, CancellationToken cancel = default) => Task.FromResult(run != "monitor-2" ? null : new MonitorReport
        {
            Run = run, Dataset = "flights", Model = model, Version = 1, At = DateTimeOffset.UnixEpoch, Basis = MonitorBasis.Newer, Reference = Window, Current = Window, Drifted = true,
            Reasons = ["r"], Share = 1, ShareThreshold = 0.5, Method = "auto", Correction = PValueCorrection.None, CorrectedTests = 0,
            Columns =
            [
                new DriftColumn
                {
                    Name = "distance", Type = "number", Method = "wasserstein", Statistic = 4, Normalised = 0.2, Threshold = 0.1, Drifted = true, Severity = DriftSeverity.Drift,
                    Missing = new MissingShares { Reference = 0, Current = 0, PValue = 1, Distance = 0, Drifted = false },
                },
            ],
        });

        private static DriftEntry Entry(int i) => new()
        {
            Run = $"monitor-{i}", Model = "late", Version = 1, At = DateTimeOffset.UnixEpoch.AddDays(i), Basis = MonitorBasis.Newer, Current = Window, Drifted = i % 2 == 0, Reasons = [],
            Share = 0, DriftedColumns = [], Report = $"runs/monitor-{i}/drift.json",
        };
    }
}
