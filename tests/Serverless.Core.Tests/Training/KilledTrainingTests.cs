using Serverless.Core.Tests.Runs;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

/// <summary>
/// A process dies just after its n-th call to a store took effect while it trains, gates, registers or promotes, for every n. (Before the n-th is after the one before.)
/// Another one finishes the run: one version, promoted once, with the metrics of a run that nobody disturbed.
/// </summary>
public sealed class KilledTrainingTests
{
    private const string Id = "train-20260102030405-aaaaaa";

    [Fact]
    public async Task Train_ProcessDiesAtAnyCall_AnotherFinishesOnce()
    {
        string? undisturbed;
        using (var fixture = Fixture())
        {
            await fixture.TrainAsync(Id);
            undisturbed = (await fixture.Objects.ReadTextAsync($"runs/{Id}/metrics.json")).ShouldNotBeNull();
        }

        for (var at = 1; ; at++)
        {
            using var store = new TempFolder();
            var fuse = new Fuse(at, after: true);
            using (var mortal = Fixture(store["s"], fuse)) await Record.ExceptionAsync(() => mortal.TrainAsync(Id));

            using var other = Fixture(store["s"]);
            other.Time.Advance(TimeSpan.FromMinutes(2));
            await other.Engine.StartAsync(new TrainState { Model = "late", Reason = "test", By = "cli:alice" }, Id);
            var run = await other.FinishAsync(Id);

            (run.Status, run.State, run.Reason).ShouldBe((RunStatus.Done, "done", null), $"call {at}");
            (await other.Registry.VersionsAsync("late")).ShouldHaveSingleItem().ShouldSatisfyAllConditions(v => v.Version.ShouldBe(1), v => v.Run.ShouldBe(Id));
            (await other.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
            (await other.Registry.AuditAsync("late")).Select(a => a.Action).ShouldBe(["registered", "promoted"], $"call {at}");
            (await other.Objects.ReadTextAsync($"runs/{Id}/metrics.json")).ShouldBe(undisturbed);
            if (!fuse.Blown) return;
        }
    }

    private static TrainFixture Fixture(string? store = null, Fuse? fuse = null) => new TrainFixture(TrainFixture.Binary(("steps", "5")), store, fuse).WithDays(6, rows: 48);
}
