using Serverless.Core.Tests.Runs;
using Serverless.Gating;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.Core.Tests.Gating;

public sealed class HoldTests : IDisposable
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly LocalStore store;

    public HoldTests() => store = new LocalStore(time);

    public void Dispose() => store.Dispose();

    private TrainingHolds Open(IRecordStore? records = null) => new(records ?? store.Records, new AliasMoves(records ?? store.Records, time, IdSource.System), time);

    private async Task<string[]> AuditAsync()
    {
        var owed = await Open().OwedAsync("late", CancellationToken.None);
        return [.. (await new AliasMoves(store.Records, time, IdSource.System).AuditAsync("late", owed, CancellationToken.None)).Select(a => $"{a.Action} {a.By}: {a.Comment}")];
    }

    [Fact]
    public async Task StopAndResume_AreKeptAndAudited()
    {
        (await Open().FindAsync("late")).ShouldBeNull();
        await Open().StopAsync("late", "train-1", "auc 0.5 is below 0.6", time.GetUtcNow());
        await Open().StopAsync("late", "train-1", "auc 0.5 is below 0.6", time.GetUtcNow()); // the step is repeated
        (await Open().FindAsync("late"))!.Last.Run.ShouldBe("train-1");
        time.Advance(TimeSpan.FromHours(1));
        (await Open().ResumeAsync("late", "cli:alice", "data mended")).Action.ShouldBe("resumed");
        (await Open().FindAsync("late")).ShouldBeNull();
        await Open().StopAsync("late", "train-1", "auc 0.5 is below 0.6", time.GetUtcNow() - TimeSpan.FromHours(1)); // repeated after a person resumed
        (await Open().FindAsync("late")).ShouldBeNull();
        (await AuditAsync()).ShouldBe(["stopped gate: auc 0.5 is below 0.6", "resumed cli:alice: data mended"]);
    }

    [Fact]
    public async Task Resume_WhatIsNotStopped_SaysSo()
    {
        (await Should.ThrowAsync<RefusedException>(() => Open().ResumeAsync("late", "cli:alice", "go"))).Message.ShouldBe("model 'late' is not stopped");
        await Open().StopAsync("late", "train-1", "worse", time.GetUtcNow());
        (await Should.ThrowAsync<RequestException>(() => Open().ResumeAsync("late", "cli:alice", ""))).Message.ShouldContain("needs a comment");
        await Open().ResumeAsync("late", "cli:alice", "go");
        (await Should.ThrowAsync<RefusedException>(() => Open().ResumeAsync("late", "cli:bob", "go"))).Message.ShouldBe("model 'late' is not stopped: cli:alice resumed it at 2026-01-02 03:04 UTC");
    }

    [Fact]
    public async Task Resume_ProcessDiesAtAnyCall_NothingIsLost()
    {
        for (var at = 1; ; at++)
        {
            var model = $"m{at}";
            await Open().StopAsync(model, "train-1", "worse", time.GetUtcNow());
            time.Advance(TimeSpan.FromMinutes(1));
            var fuse = new Fuse(at, after: true);
            await Record.ExceptionAsync(() => Open(new MortalRecords(store.Records, fuse)).ResumeAsync(model, "cli:alice", "go"));
            var held = await Open().FindAsync(model) is not null;
            var audit = await new AliasMoves(store.Records, time, IdSource.System).AuditAsync(model, await Open().OwedAsync(model, CancellationToken.None), CancellationToken.None);
            audit.Select(a => a.Action).ShouldBe(held ? ["stopped"] : ["stopped", "resumed"], $"call {at}");
            if (!fuse.Blown) return;
        }
    }
}
