using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Rollouts;
using Serverless.Storage;
using static Serverless.Core.Tests.Rollouts.RolloutsFixture;

namespace Serverless.Core.Tests.Rollouts;

/// <summary>Several processes, several people, and processes that die.</summary>
public sealed class AgreementTests : IAsyncLifetime
{
    private static readonly RolloutDefinition Terms = new() { Kind = RolloutKind.Canary, Start = 50, Step = 50, Every = TimeSpan.FromMinutes(15), AtLeast = 0 };

    private readonly RolloutsFixture world = new();

    public Task InitializeAsync() => world.WithVersionsAsync();

    public Task DisposeAsync()
    {
        world.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Move_TwoOperatorsAtOnce_OneGetsAClearConflict()
    {
        await world.StartAsync(Terms);
        // Both have read the record before either writes.
        var meeting = new Meeting(world.Store, 2);
        var (one, two) = (world.Open(meeting), world.Open(meeting));

        var results = await Task.WhenAll(Try(() => one.MoveAsync(Model, RolloutVerb.Promote, "cli:alice", "good")), Try(() => two.MoveAsync(Model, RolloutVerb.Abort, "cli:bob", "bad")));

        results.Count(r => r is null).ShouldBe(1);
        results.OfType<RefusedException>().Single().Message.ShouldBe("somebody else moved rollout 'late-r1' meanwhile; look at it and try again");
        var end = await world.LastAsync();
        end.State.ShouldBe(results[0] is null ? RolloutState.Promoted : RolloutState.Aborted);
        (await world.Registry.AliasAsync(Model, Alias.Champion)).ShouldBe(results[0] is null ? 2 : 1);
    }

    [Fact]
    public async Task Start_TwoOperatorsAtOnce_OneBegins()
    {
        var meeting = new Meeting(world.Store, 2);
        var (one, two) = (world.Open(meeting), world.Open(meeting));
        var results = await Task.WhenAll(Try(() => one.StartAsync(new RolloutRequest(Model, 2, Terms, "cli:alice", ""))), Try(() => two.StartAsync(new RolloutRequest(Model, 3, Terms, "cli:bob", ""))));

        results.OfType<RefusedException>().Single().Message.ShouldBe("somebody else began a rollout of model 'late' meanwhile; look at it and try again");
        (await world.Rollouts.ListAsync(Model)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Tick_ManyProcesses_OneStepForEachPeriod()
    {
        await world.StartAsync(Terms with { Step = 10 });
        var processes = Enumerable.Range(0, 4).Select(_ => world.Open()).ToList();
        world.Time.Advance(TimeSpan.FromMinutes(15));

        await Task.WhenAll(processes.Select(p => p.TickAsync(world.Time.GetUtcNow())));

        (await world.LastAsync()).Percent("challenger").ShouldBe(60);
        (await world.Registry.AuditAsync(Model)).Count(e => e.Action == "rollout-moved").ShouldBe(1);
    }

    // A process that dies before its n-th write; the next look of another one completes the promotion, whatever was left.
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public async Task Promote_ProcessDiesBetweenAnyTwoWrites_IsCompletedOnce(int writes)
    {
        await world.StartAsync(Terms);
        var mortal = new Mortal(world.Store, writes);
        var audit = new AliasMoves(mortal, world.Time, IdSource.System);
        var dying = new Serverless.Rollouts.Rollouts(Workspace, new RolloutRecords(mortal), world.Projection, world.Flags, Policies, Guards, world.Counts, world.Outcomes,
            world.Registry, audit, new RolloutSignals(), world.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<Serverless.Rollouts.Rollouts>.Instance);
        var died = await Try(() => dying.MoveAsync(Model, RolloutVerb.Promote, "cli:alice", "good")) is not null;

        await world.TickAsync(TimeSpan.FromSeconds(15));
        if (died && (await world.LastAsync()).State == RolloutState.Running) await world.Rollouts.MoveAsync(Model, RolloutVerb.Promote, "cli:alice", "good");
        await world.TickAsync(TimeSpan.FromSeconds(15));

        (await world.LastAsync()).State.ShouldBe(RolloutState.Promoted);
        (await world.Registry.AliasAsync(Model, Alias.Champion)).ShouldBe(2);
        world.Flags.All.ShouldBeEmpty();
        (await world.Registry.AuditAsync(Model)).Select(e => e.Action).Where(a => a.Contains("promot", StringComparison.Ordinal)).ShouldBe(["promoted", "rollout-promoting", "promoted", "rollout-promoted"], ignoreOrder: true);
    }

    [Fact]
    public async Task Start_FlagsOutOfReach_RolloutBeginsAndTheNextLookPublishesIt()
    {
        world.Flags.Fails = new EnvironmentException("no route to host");
        (await world.StartAsync(Terms)).State.ShouldBe(RolloutState.Running);
        world.Flags.All.ShouldBeEmpty();
        world.Signals.All.ShouldContain(s => s.Name == "flags" && s.Bad && s.Message.Contains("no route to host", StringComparison.Ordinal));

        world.Flags.Fails = null;
        await world.TickAsync(TimeSpan.FromSeconds(15));

        world.Flags.Rollout.Metadata["rollout"].ShouldBe("late-r1");
    }

    [Fact]
    public async Task Publish_FlagSwitchedOffByHand_StaysOffWhenTheShareGrows()
    {
        await world.StartAsync(Terms with { Step = 10 });
        await world.Flags.UpdateAsync("rollout-late", flag =>
        {
            var off = (System.Text.Json.Nodes.JsonObject)flag!.DeepClone();
            off["enabled"] = false;
            return off;
        });

        await world.TickAsync(TimeSpan.FromMinutes(15));

        world.Flags.Rollout.ShouldSatisfyAllConditions(f => f.Enabled.ShouldBeFalse(), f => f.Percentiles[0].To.ShouldBe(60));
    }

    [Fact]
    public async Task Start_PartOfALayerThatIsTaken_IsRefused()
    {
        await world.StartAsync(Terms with { Layer = "checkout", From = 0, To = 50 });
        await world.Registry.RegisterAsync(Registry.RegistryFixture.Candidate("other-1") with { Model = "other" });
        await world.Registry.RegisterAsync(Registry.RegistryFixture.Candidate("other-2") with { Model = "other" });
        await world.Registry.PromoteAsync("other", 1, "test", "");
        var request = new RolloutRequest("other", 2, Terms with { Layer = "checkout", From = 40, To = 100 }, "cli:bob", "");

        (await Should.ThrowAsync<RefusedException>(() => world.Rollouts.StartAsync(request))).Message.ShouldBe("layer 'checkout' is taken from 0 to 50 by rollout 'late-r1', so the part from 40 to 100 is not free");
        await world.Rollouts.StartAsync(request with { Terms = request.Terms! with { From = 50 } });

        // Disjoint: nobody is in both.
        var (one, two) = (Inside("slice-late"), Inside("slice-other"));
        var subjects = Enumerable.Range(0, 1000).Select(i => $"s{i}").ToList();
        subjects.ShouldAllBe(s => one(s) != two(s));
        subjects.Count(one).ShouldBeInRange(420, 580);
    }

    private Func<string, bool> Inside(string flag)
    {
        var plan = AllocationPlan.Compile(FlagFile.Read(world.Flags.All[flag]));
        return s => plan.Variants[plan.Assign(s).Variant].Name == RolloutFlags.Inside;
    }

    private static async Task<Exception?> Try(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Nobody writes to the table of rollouts before so many have read it.</summary>
    private sealed class Meeting(IRecordStore store, int guests) : IRecordStore
    {
        private readonly TaskCompletionSource all = new();
        private int waiting;

        public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) => store.GetAsync(table, partition, row, cancel);

        public async Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default)
        {
            await MeetAsync(table);
            return await store.InsertAsync(table, partition, row, json, cancel);
        }

        public async Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default)
        {
            await MeetAsync(table);
            return await store.ReplaceAsync(table, partition, row, json, etag, cancel);
        }

        public Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => store.UpsertAsync(table, partition, row, json, cancel);

        public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default) => store.DeleteAsync(table, partition, row, etag, cancel);

        public IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default) => store.QueryAsync(table, partition, after, prefix, cancel);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default) => store.PartitionsAsync(table, cancel);

        private async Task MeetAsync(string table)
        {
            if (table != StoreNames.Tables.Rollouts) return;
            if (Interlocked.Increment(ref waiting) >= guests) all.TrySetResult();
            await all.Task;
        }
    }

    /// <summary>The process dies before its n-th write.</summary>
    private sealed class Mortal(IRecordStore store, int writes) : IRecordStore
    {
        private int left = writes;

        public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) => store.GetAsync(table, partition, row, cancel);

        public Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => Alive(() => store.InsertAsync(table, partition, row, json, cancel));

        public Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) =>
            Alive(() => store.ReplaceAsync(table, partition, row, json, etag, cancel));

        public Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => Alive(() => store.UpsertAsync(table, partition, row, json, cancel));

        public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default) => Alive(() => store.DeleteAsync(table, partition, row, etag, cancel));

        public IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default) => store.QueryAsync(table, partition, after, prefix, cancel);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default) => store.PartitionsAsync(table, cancel);

        private Task<T> Alive<T>(Func<Task<T>> write) => Interlocked.Decrement(ref left) < 0 ? throw new InvalidOperationException("the process is dead") : write();
    }
}
