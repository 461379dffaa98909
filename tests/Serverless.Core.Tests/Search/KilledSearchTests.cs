using Serverless.Core.Tests.Runs;
using Serverless.Core.Tests.Training;
using Serverless.Models;
using Serverless.Runs;
using Serverless.Search;
using Serverless.Testing;

namespace Serverless.Core.Tests.Search;

/// <summary>The process dies at its n-th call to the store, for many n, before or after the call takes effect; another goes on. Every trial is there once, with what it would have come to.</summary>
public sealed class KilledSearchTests
{
    private const string Id = "search-20260102030405-aaaaaa";

    private static readonly SearchDefinition Three = SearchFixture.Definition with { Trials = 3, Rungs = 1, Parallel = 2, Share = 0.4 };

    [Theory, InlineData(true), InlineData(false)]
    public async Task Search_ProcessDiesAtAnyCall_AnotherEndsItWithTheSameTrials(bool after)
    {
        string undisturbed;
        using (var fixture = Fixture()) undisturbed = (await fixture.SearchAsync(Id)).Text();
        // All of them take minutes.
        for (var at = after ? 3 : 17; ; at += 29)
        {
            using var store = new TempFolder();
            var fuse = new Fuse(at, after);
            using (var mortal = Fixture(store["s"], fuse)) await Record.ExceptionAsync(() => mortal.SearchAsync(Id));

            using var other = Fixture(store["s"]);
            other.Time.Advance(TimeSpan.FromMinutes(2));
            await other.StartAsync(Id);
            await RecoveredAsync(other);
            var view = await other.Get<ISearches>().LookAsync(Id);
            (view.Run.Status, view.Run.Reason).ShouldBe((RunStatus.Done, null), $"call {at}");
            view.Text().ShouldBe(undisturbed, $"call {at}");
            view.Trials.Select(t => t.Run.Status).ShouldBe([RunStatus.Done, RunStatus.Done, RunStatus.Done], $"call {at}");
            (await other.Engine.ListAsync("train").ToListAsync()).ShouldHaveSingleItem();
            (await other.Registry.VersionsAsync("late")).ShouldHaveSingleItem().Run.ShouldBe(view.Report!.Training);
            if (!fuse.Blown) return;
        }
    }

    // What died between a run's record and its message is found by the sweep.
    private static async Task RecoveredAsync(TrainFixture fixture)
    {
        for (var i = 0; i < 2000 && (await fixture.Engine.FindAsync(Id))!.Status == RunStatus.Running; i++)
        {
            if (await fixture.Engine.WorkOnceAsync()) continue;
            fixture.Time.Advance(TimeSpan.FromSeconds(20));
            if (i % 20 == 19) await fixture.Get<IRunRecovery>().RecoverAsync();
        }
    }

    private static TrainFixture Fixture(string? store = null, Fuse? fuse = null) => new TrainFixture(SearchFixture.Model(Three), store, fuse).WithDays(6, rows: 48);
}
