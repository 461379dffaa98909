using Serverless.Alerts;

namespace Serverless.DuckDb.Tests.Ingest;

/// <summary>What a drop tells alerts, and that telling it twice is telling it once.</summary>
public sealed class DropSignalTests
{
    [Fact]
    public async Task Commit_OfADrop_SignalsFailuresForEachDayAndOneSuccessForEachCheck()
    {
        using var test = new IngestFixture();
        var published = new Published();
        var state = await test.LandAsync("a.csv", IngestFixture.Header
            + "2001-01-01,1,10,SEA,LAX\n2001-01-01,3,10,SEA,LAX\n2001-01-02,5,10,SEA,LAX\n2001-01-02,9999,10,SEA,LAX\n2001-01-03,1,10,SEA,LAX\n2001-01-03,,10,SEA,LAX\n");
        var run = test.Ingest(published);
        foreach (var from in new[] { "received", "partitioned", "committed", "committed" }) state = (await IngestFixture.StepAsync(run, from, state)).State!;

        published.Signals.Select(s => (s.Kind, s.Name, s.Period, s.Bad, s.Value)).Order().ShouldBe(new[]
        {
            (SignalKind.Check, "size", "2001-01-02", true, (double?)1), (SignalKind.Check, "size", "2001-01-03", false, 2),
            (SignalKind.Check, "completeness(delay)", "2001-01-03", true, 0.5), (SignalKind.Check, "completeness(delay)", "2001-01-02", false, 1),
            (SignalKind.Quarantine, "quarantined", "2001-01-03", true, 1 / 6.0), (SignalKind.DropRejected, "drop", (string?)null, false, (double?)null),
        }.Order());
        published.Calls.ShouldBe(2);
    }

    [Fact]
    public async Task Rejection_OfADrop_IsSignalled()
    {
        using var test = new IngestFixture();
        var published = new Published();
        await IngestFixture.StepAsync(test.Ingest(published), "received", await test.LandAsync("a.csv", "x,y\n1,2\n"));

        var signal = published.Signals.ShouldHaveSingleItem();
        (signal.Kind, signal.Bad, signal.Run).ShouldBe((SignalKind.DropRejected, true, "ingest-1"));
        signal.Message.ShouldStartWith("'a.csv' was rejected: ");
    }

    /// <summary>Keeps a signal once, as the store does.</summary>
    private sealed class Published : ISignals
    {
        private readonly Dictionary<string, Signal> signals = [];

        public IReadOnlyCollection<Signal> Signals => signals.Values;

        public int Calls { get; private set; }

        public Task PublishAsync(IReadOnlyList<Signal> published, CancellationToken cancel = default)
        {
            Calls++;
            foreach (var signal in published) signals.TryAdd(signal.Id, signal);
            return Task.CompletedTask;
        }

        public IAsyncEnumerable<Signal> ReadAsync(DateOnly from, DateOnly to, CancellationToken cancel = default) => Signals.ToAsyncEnumerable();
    }
}
