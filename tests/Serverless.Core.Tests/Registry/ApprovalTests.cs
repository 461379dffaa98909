using Serverless.Alerts;
using Serverless.Core.Tests.Runs;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Core.Tests.Registry;

public sealed class ApprovalTests : IDisposable
{
    private static readonly ApprovalTerms Week = new() { Expires = TimeSpan.FromDays(7), Remind = TimeSpan.FromDays(1), SecondPerson = true };
    private readonly RegistryFixture fixture = new();

    private ModelRegistry Registry => fixture.Registry;

    public void Dispose() => fixture.Dispose();

    private async Task<int> AskAsync(string run = "train-1", ApprovalTerms? terms = null) =>
        (await Registry.RegisterAsync(RegistryFixture.Candidate(run, needsApproval: true) with { ApprovalTerms = terms ?? Week, AskedBy = "cli:alice" })).Version;

    private async Task<string[]> AuditAsync() => [.. (await Registry.AuditAsync("late")).Select(a => $"{a.Action} {a.From}>{a.Version} {a.By}")];

    private static async Task RefusedAsync(Func<Task> act, string message) => (await Should.ThrowAsync<RefusedException>(act)).Message.ShouldBe(message);

    [Fact]
    public async Task Approve_Waiting_IsDecidedThenPromotedAndBothAreAudited()
    {
        await fixture.AddAsync("train-0");
        await Registry.PromoteAsync("late", 1, "cli:root", "first");
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await AskAsync();
        fixture.Time.Advance(TimeSpan.FromHours(1));
        var entry = await Registry.ApproveAsync("late", 2, "cli:bob", "looks right");
        entry.ShouldBe(new AuditEntry("late", "approved", 2, 1, "cli:bob", "looks right", fixture.Time.GetUtcNow()));
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(2);
        (await Registry.FindAsync("late", 2))!.ShouldSatisfyAllConditions(
            v => v.Status.ShouldBe(VersionStatus.Registered), v => v.Approval!.DecidedBy.ShouldBe("cli:bob"), v => v.Approval!.Comment.ShouldBe("looks right"), v => v.Approval!.AskedBy.ShouldBe("cli:alice"));
        (await AuditAsync()).ShouldBe(
        [
            "registered >1 run:train-0", "promoted >1 cli:root", "registered >2 run:train-1", "awaiting-approval >2 run:train-1", "approved 1>2 cli:bob", "promoted 1>2 cli:bob",
        ]);
        (await Registry.AuditAsync("late"))[3].Comment.ShouldBe("until 2026-01-09 04:04 UTC");
    }

    [Fact]
    public async Task Approve_Twice_SaysWhoDecided()
    {
        await AskAsync();
        await Registry.ApproveAsync("late", 1, "cli:bob", "looks right");
        const string decided = "version 1 of model 'late' was decided already: approved by cli:bob at 2026-01-02 03:04 UTC (\"looks right\")";
        await RefusedAsync(() => Registry.ApproveAsync("late", 1, "cli:carol", "me too"), decided);
        await RefusedAsync(() => Registry.ApproveAsync("late", 1, "cli:bob", "again"), decided);
        await RefusedAsync(() => Registry.RejectAsync("late", 1, "cli:carol", "no"), decided);
        (await AuditAsync()).Count(a => a.StartsWith("approved", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Approve_OrReject_WithoutComment_ChangesNothing()
    {
        await AskAsync();
        (await Should.ThrowAsync<RequestException>(() => Registry.ApproveAsync("late", 1, "cli:bob", " "))).Message.ShouldBe("to approve version 1 of model 'late' needs a comment: why? (--comment \"...\")");
        (await Should.ThrowAsync<RequestException>(() => Registry.RejectAsync("late", 1, "cli:bob", ""))).ShouldNotBeOfType<RefusedException>();
        (await Registry.FindAsync("late", 1))!.Status.ShouldBe(VersionStatus.AwaitingApproval);
    }

    [Fact]
    public async Task Approve_ByWhoeverAskedForTheTraining_NeedsASecondPerson()
    {
        await AskAsync();
        await RefusedAsync(() => Registry.ApproveAsync("late", 1, "cli:alice", "mine"),
            "version 1 of model 'late' has to be approved by somebody else than cli:alice, who asked for its training (secondPerson: true)");
        (await Registry.ApproveAsync("late", 1, "cli:bob", "fine")).Version.ShouldBe(1);
    }

    [Fact]
    public async Task Expired_CanNeitherBeApprovedNorRejectedNorPromoted()
    {
        await AskAsync();
        fixture.Time.Advance(TimeSpan.FromDays(7));
        const string expired = "version 1 of model 'late' expired at 2026-01-09 03:04 UTC, because nobody approved it in time,";
        await RefusedAsync(() => Registry.ApproveAsync("late", 1, "cli:bob", "late"), $"{expired} and cannot be approved or rejected any more; train again");
        await RefusedAsync(() => Registry.RejectAsync("late", 1, "cli:bob", "late"), $"{expired} and cannot be approved or rejected any more; train again");
        await RefusedAsync(() => Registry.PromoteAsync("late", 1, "cli:bob", "late"), $"{expired} and cannot be promoted; train again");
        (await Registry.FindAsync("late", 1))!.Status.ShouldBe(VersionStatus.Expired);
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBeNull();
        (await AuditAsync()).ShouldBe(["registered >1 run:train-1", "awaiting-approval >1 run:train-1", "expired >1 time"]);
    }

    [Fact]
    public async Task Promote_NotApproved_IsRefused()
    {
        await AskAsync();
        await RefusedAsync(() => Registry.PromoteAsync("late", 1, "cli:bob", "hurry"), "version 1 of model 'late' waits for approval; approve it instead");
        await Registry.RejectAsync("late", 1, "cli:bob", "too slow");
        await RefusedAsync(() => Registry.PromoteAsync("late", 1, "cli:bob", "hurry"), "version 1 of model 'late' was rejected and cannot be promoted");
    }

    // Everybody decides at the same moment: one does, each of the others is told, and the audit has one decision.
    [Fact]
    public async Task Decide_EightPeopleAtOnce_OneDecides()
    {
        await AskAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var mine = fixture.Open();
            try
            {
                await (i % 2 == 0 ? mine.ApproveAsync("late", 1, $"cli:p{i}", "yes") : mine.RejectAsync("late", 1, $"cli:p{i}", "no"));
                return null;
            }
            catch (RefusedException e)
            {
                return e.Message;
            }
        })));
        results.Count(r => r is null).ShouldBe(1);
        results.OfType<string>().ShouldAllBe(r => r.StartsWith("somebody else changed version 1", StringComparison.Ordinal) || r.Contains("was decided already", StringComparison.Ordinal));
        (await AuditAsync()).Count(a => a.StartsWith("approved", StringComparison.Ordinal) || a.StartsWith("rejected", StringComparison.Ordinal)).ShouldBe(1);
    }

    // Both read the champion before either moves it.
    [Fact]
    public async Task Promote_TwoOperatorsAtOnce_OneIsToldOfTheConflict()
    {
        for (var i = 1; i <= 3; i++) await fixture.AddAsync($"train-{i}");
        await Registry.PromoteAsync("late", 1, "cli:root", "first");
        using var meeting = new Barrier(2);
        ModelRegistry Slow() => new(fixture.Store.Objects, fixture.Store.Records, new AliasMoves(new MeetingRecords(fixture.Store.Records, meeting), fixture.Time, IdSource.System), fixture.Files(), fixture.Time, []);
        async Task<string?> PromoteAsync(int version, string by)
        {
            try
            {
                await Slow().PromoteAsync("late", version, by, "mine");
                return null;
            }
            catch (RefusedException e)
            {
                return e.Message;
            }
        }

        var results = await Task.WhenAll(Task.Run(() => PromoteAsync(2, "cli:alice")), Task.Run(() => PromoteAsync(3, "cli:bob")));
        var winner = (await Registry.AliasAsync("late", Alias.Champion))!.Value;
        results.Count(r => r is null).ShouldBe(1);
        results.Single(r => r is not null).ShouldBe($"somebody else moved the champion of model 'late' meanwhile (from version 1 to version {winner}); look at it and try again");
        (await AuditAsync()).Count(a => a.StartsWith("promoted 1>", StringComparison.Ordinal)).ShouldBe(1);
    }

    // The process dies just after its n-th call to the store took effect, for every n: what was decided stands in the audit, and approving again completes the promotion.
    [Fact]
    public async Task Approve_ProcessDiesAtAnyCall_NothingIsLost()
    {
        for (var at = 1; ; at++)
        {
            using var own = new RegistryFixture();
            await own.Registry.RegisterAsync(RegistryFixture.Candidate("train-1", needsApproval: true) with { ApprovalTerms = Week, AskedBy = "cli:alice" });
            var fuse = new Fuse(at, after: true);
            var records = new MortalRecords(own.Store.Records, fuse);
            var mortal = new ModelRegistry(own.Store.Objects, records, new AliasMoves(records, own.Time, IdSource.System), own.Files(), own.Time, []);
            await Record.ExceptionAsync(() => mortal.ApproveAsync("late", 1, "cli:bob", "yes"));
            var decided = (await own.Registry.FindAsync("late", 1))!.Status == VersionStatus.Registered;
            (await own.Registry.AuditAsync("late")).Count(a => a.Action == "approved").ShouldBe(decided ? 1 : 0, $"call {at}");

            if (await own.Registry.AliasAsync("late", Alias.Champion) is null)
            {
                own.Time.Advance(TimeSpan.FromMinutes(1));
                await own.Registry.ApproveAsync("late", 1, "cli:bob", "yes");
            }

            (await own.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1, $"call {at}");
            (await own.Registry.AuditAsync("late")).Select(a => a.Action).ShouldBe(["registered", "awaiting-approval", "approved", "promoted"], $"call {at}");
            if (!fuse.Blown) return;
        }
    }

    [Fact]
    public async Task Reject_ProcessDiesAtAnyCall_NothingIsLost()
    {
        for (var at = 1; ; at++)
        {
            using var own = new RegistryFixture();
            await own.AddAsync("train-1", needsApproval: true);
            var fuse = new Fuse(at, after: true);
            var records = new MortalRecords(own.Store.Records, fuse);
            await Record.ExceptionAsync(() => new ModelRegistry(own.Store.Objects, records, new AliasMoves(records, own.Time, IdSource.System), own.Files(), own.Time, []).RejectAsync("late", 1, "cli:bob", "no"));
            var decided = (await own.Registry.FindAsync("late", 1))!.Status == VersionStatus.Rejected;
            (await own.Registry.AuditAsync("late")).Count(a => a.Action == "rejected").ShouldBe(decided ? 1 : 0, $"call {at}");
            if (!fuse.Blown) return;
        }
    }

    [Fact]
    public async Task Watch_RemindsEachDayOnceAndLetsExpire()
    {
        await AskAsync();
        var signals = new KeptSignals();
        async Task TickAsync(TimeSpan later)
        {
            fixture.Time.Advance(later);
            // Two processes look.
            for (var i = 0; i < 2; i++) await new ApprovalWatch(Registry, signals).TickAsync(fixture.Time.GetUtcNow());
        }

        await TickAsync(TimeSpan.FromHours(23));
        signals.Kept.ShouldBeEmpty();
        await TickAsync(TimeSpan.FromHours(2));
        await TickAsync(TimeSpan.FromHours(2));
        signals.Kept.Values.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            s => s.At.ShouldBe(new DateTimeOffset(2026, 1, 3, 3, 4, 5, TimeSpan.Zero)),
            s => s.Message.ShouldBe("version 1 still waits for a person, since 2026-01-02 03:04 UTC, until 2026-01-09 03:04 UTC: serverless-ml models approve late 1 --comment \"...\""));
        await TickAsync(TimeSpan.FromDays(2)); // the reminder of the day between is past
        signals.Kept.Count.ShouldBe(2);
        await TickAsync(TimeSpan.FromDays(5));
        signals.Kept.Values.Last().Message.ShouldBe("version 1 expired: nobody approved it in time (asked 2026-01-02 03:04 UTC); train again");
        await TickAsync(TimeSpan.FromDays(5));
        signals.Kept.Count.ShouldBe(3);
        (await AuditAsync()).ShouldBe(["registered >1 run:train-1", "awaiting-approval >1 run:train-1", "expired >1 time"]);
    }

    // A store whose readers of the champion wait for each other.
    private sealed class MeetingRecords(IRecordStore inner, Barrier meeting) : IRecordStore
    {
        private bool met;

        public async Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
        {
            var found = await inner.GetAsync(table, partition, row, cancel);
            if (table == StoreNames.Tables.Aliases && !met)
            {
                met = true;
                meeting.SignalAndWait(TimeSpan.FromSeconds(30), cancel).ShouldBeTrue();
            }

            return found;
        }

        public Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => inner.InsertAsync(table, partition, row, json, cancel);

        public Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) => inner.ReplaceAsync(table, partition, row, json, etag, cancel);

        public Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => inner.UpsertAsync(table, partition, row, json, cancel);

        public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default) => inner.DeleteAsync(table, partition, row, etag, cancel);

        public IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default) => inner.QueryAsync(table, partition, after, prefix, cancel);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default) => inner.PartitionsAsync(table, cancel);
    }

    private sealed class KeptSignals : ISignals
    {
        public Dictionary<string, Signal> Kept { get; } = [];

        public Task PublishAsync(IReadOnlyList<Signal> signals, CancellationToken cancel = default)
        {
            foreach (var signal in signals) Kept.TryAdd(signal.At.ToString("O") + signal.Id, signal);
            return Task.CompletedTask;
        }

        public IAsyncEnumerable<Signal> ReadAsync(DateOnly from, DateOnly to, CancellationToken cancel = default) => throw new NotSupportedException("nobody reads here");
    }
}
