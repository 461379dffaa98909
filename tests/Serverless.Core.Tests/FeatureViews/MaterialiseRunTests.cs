using Serverless.Core.Tests.Runs;
using Serverless.FeatureViews.Online;
using Serverless.Runs;
using Serverless.Testing;

namespace Serverless.Core.Tests.FeatureViews;

public sealed class MaterialiseRunTests
{
    private const string Id = "materialise-20260102030405-aaaaaa";

    /// <summary>Just after the n-th call to a store took effect, for every n. Until another process finishes, readers see the refresh before, whole; then the new one, whole.</summary>
    [Fact]
    public async Task Refresh_ProcessDiesAtAnyCall_OldValuesStayReadableAndAnotherFinishes()
    {
        var deaths = 0;
        (string Name, bool Bad, string Message)[]? undisturbed = null;
        for (var at = 0; ; at++)
        {
            using var store = new TempFolder();
            using (var first = new MaterialiseFixture(store["s"]))
            {
                (await first.RefreshAsync("materialise-20260102030404-aaaaaa")).Status.ShouldBe(RunStatus.Done);
            }

            var fuse = at == 0 ? null : new Fuse(at, after: true);
            using (var mortal = new MaterialiseFixture(store["s"], fuse, versions: 2))
            {
                if (await Record.ExceptionAsync(() => mortal.RefreshAsync(Id)) is ProcessDiedException) deaths++;
            }

            using var other = new MaterialiseFixture(store["s"], versions: 2);
            (await other.SeenAsync()).ShouldBeOneOf(1000, 2000);
            other.Time.Advance(TimeSpan.FromMinutes(2));
            await other.Engine.StartAsync(new MaterialiseState { Source = MaterialiseFixture.View, By = "test", Reason = "test" }, Id);
            var run = await other.FinishAsync(Id);

            (run.Status, run.State, run.Reason).ShouldBe((RunStatus.Done, "done", null), $"call {at}");
            (await other.SeenAsync()).ShouldBe(2000, $"call {at}");
            (await other.OnlineRowsAsync()).ShouldBe(["stats", "stats@materialise-20260102030404-aaaaaa", $"stats@{Id}"], $"call {at}");
            var said = (await other.SignalsAsync()).Where(s => s.Name is "freshness" or "drift").Order().ToArray();
            undisturbed ??= said;
            undisturbed.Length.ShouldBe(3);
            said.ShouldBe(undisturbed, $"call {at}");
            if (fuse is { Blown: false }) break;
        }

        deaths.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task Refresh_ThatFails_KeepsTheOldValuesAndSaysSo()
    {
        using var fixture = new MaterialiseFixture();
        await fixture.RefreshAsync();
        fixture.NewData();
        fixture.Broken = "view 'stats' cannot be computed: division by zero";
        var run = await fixture.RefreshAsync();
        (run.Status, run.Reason).ShouldBe((RunStatus.Failed, fixture.Broken));
        (await fixture.SeenAsync()).ShouldBe(1000);
        (await fixture.OnlineRowsAsync()).Count.ShouldBe(2);
        (await fixture.SignalsAsync()).ShouldContain(s => s.Name == "materialise" && s.Bad && s.Message.Contains("division by zero"));

        fixture.Broken = null;
        (await fixture.RefreshAsync()).Status.ShouldBe(RunStatus.Done);
        (await fixture.SeenAsync()).ShouldBe(2000);
        (await fixture.SignalsAsync()).ShouldContain(s => s.Name == "materialise" && !s.Bad);
    }

    [Fact]
    public async Task Refresh_ValuesOlderThanTheirTimeToLive_IsABadSignalOfFreshness()
    {
        using var fixture = new MaterialiseFixture { Age = TimeSpan.FromDays(2) + TimeSpan.FromTicks(1) };
        (await fixture.RefreshAsync()).Status.ShouldBe(RunStatus.Done);
        var (name, bad, message) = (await fixture.SignalsAsync()).First(s => s.Name == "freshness");
        (name, bad).ShouldBe(("freshness", true));
        message.ShouldContain("no value for any key");
    }

    [Theory, InlineData(0, false), InlineData(90, true)]
    public async Task Refresh_ValuesThatLookOtherwise_AreASignalOfDrift(double shift, bool drifted)
    {
        using var fixture = new MaterialiseFixture { Base = version => version * shift };
        await fixture.RefreshAsync();
        (await fixture.SignalsAsync()).ShouldNotContain(s => s.Name == "drift");
        fixture.NewData();
        await fixture.RefreshAsync();
        (await fixture.SignalsAsync()).Single(s => s.Name == "drift").Bad.ShouldBe(drifted);
    }

    [Fact]
    public async Task Tick_NewestValueBecomesTooOld_SaysSoOnceAndWithoutNewData()
    {
        using var fixture = new MaterialiseFixture { Age = TimeSpan.FromHours(1) };
        await fixture.RefreshAsync();
        await TickAsync(fixture, TimeSpan.FromDays(1));
        (await RunsAsync(fixture)).ShouldBe(1);

        // From then on a refresh finds nothing that is young enough.
        using var later = new MaterialiseFixture(fixture.StoreFolder) { Age = TimeSpan.FromDays(3) };
        later.Time.SetUtcNow(fixture.Time.GetUtcNow() + TimeSpan.FromDays(2));
        for (var i = 0; i < 3; i++) await TickAsync(later, TimeSpan.FromMinutes(1));
        (await RunsAsync(later)).ShouldBe(2);
        (await later.SignalsAsync()).Where(s => s.Name == "freshness").Select(s => s.Bad).ShouldBe([false, true]);
        (await later.Online.ReadAsync(MaterialiseFixture.View, "k1", default)).Value.ShouldBeNull();
    }

    [Fact]
    public async Task Refresh_ManyTimes_KeepsTheValuesOfTwo()
    {
        using var fixture = new MaterialiseFixture();
        for (var i = 0; i < 4; i++)
        {
            await fixture.RefreshAsync();
            fixture.Time.Advance(TimeSpan.FromMinutes(1));
        }

        (await fixture.ValueFilesAsync()).ShouldBe(2);
        (await fixture.OnlineRowsAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Forget_RowsOfTheDatasetWereErased_LeavesNothingAndIsMadeAgain()
    {
        using var fixture = new MaterialiseFixture();
        for (var i = 0; i < 2; i++) await fixture.RefreshAsync();
        await fixture.Erased.ForgetAsync("others", ["p1"]);
        (await fixture.SeenAsync()).ShouldBe(1000);
        for (var i = 0; i < 2; i++) await fixture.Erased.ForgetAsync("flights", ["p1"]);
        (await fixture.OnlineRowsAsync()).ShouldBeEmpty();
        (await fixture.ValueFilesAsync()).ShouldBe(0);
        fixture.NewData();
        await TickAsync(fixture, TimeSpan.FromMinutes(1));
        (await fixture.SeenAsync()).ShouldBe(2000);
    }

    [Fact]
    public async Task Tick_DefinitionChanges_IsRefreshedAtOnce()
    {
        using var fixture = new MaterialiseFixture();
        await fixture.RefreshAsync();
        await TickAsync(fixture, TimeSpan.FromMinutes(1));
        (await RunsAsync(fixture)).ShouldBe(1);
        var wider = MaterialiseFixture.Definition with { Features = [MaterialiseFixture.Definition.Features[0] with { Over = TimeSpan.FromDays(7) }] };
        using var changed = new MaterialiseFixture(fixture.StoreFolder, view: wider);
        changed.Time.SetUtcNow(fixture.Time.GetUtcNow());
        for (var i = 0; i < 3; i++) await TickAsync(changed, TimeSpan.FromMinutes(1));
        (await RunsAsync(changed)).ShouldBe(2);
    }

    [Fact]
    public async Task Tick_NewData_StartsOneRefreshHoweverOftenItIsAsked()
    {
        using var fixture = new MaterialiseFixture();
        for (var i = 0; i < 3; i++) await TickAsync(fixture, TimeSpan.FromMinutes(1));
        (await RunsAsync(fixture)).ShouldBe(1);
        fixture.NewData();
        for (var i = 0; i < 3; i++) await TickAsync(fixture, TimeSpan.FromMinutes(1));
        (await RunsAsync(fixture)).ShouldBe(2);
        (await fixture.SeenAsync()).ShouldBe(2000);
    }

    [Fact]
    public async Task Tick_RefreshThatFailed_IsTriedAgainAtGrowingIntervalsUntilItSucceeds()
    {
        using var fixture = new MaterialiseFixture { Broken = "the view cannot be computed" };
        await TickAsync(fixture, TimeSpan.FromMinutes(1));
        await TickAsync(fixture, TimeSpan.FromSeconds(30));
        (await RunsAsync(fixture)).ShouldBe(1);
        await TickAsync(fixture, TimeSpan.FromSeconds(40));
        (await RunsAsync(fixture)).ShouldBe(2);
        await TickAsync(fixture, TimeSpan.FromSeconds(90));
        (await RunsAsync(fixture)).ShouldBe(2);

        fixture.Broken = null;
        await TickAsync(fixture, TimeSpan.FromSeconds(40));
        for (var i = 0; i < 3; i++) await TickAsync(fixture, TimeSpan.FromHours(1));
        (await RunsAsync(fixture)).ShouldBe(3);
        (await fixture.SeenAsync()).ShouldBe(1000);
    }

    private static async Task TickAsync(MaterialiseFixture fixture, TimeSpan after)
    {
        fixture.Time.Advance(after);
        await fixture.Scheduler.TickAsync(fixture.Time.GetUtcNow());
        while (await fixture.Engine.WorkOnceAsync()) { }
    }

    private static async Task<int> RunsAsync(MaterialiseFixture fixture)
    {
        var count = 0;
        await foreach (var _ in fixture.Engine.ListAsync("materialise")) count++;
        return count;
    }
}
