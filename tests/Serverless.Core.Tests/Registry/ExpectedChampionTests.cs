using Serverless.Problems;
using Serverless.Registry;

namespace Serverless.Core.Tests.Registry;

/// <summary>Two operators decide on the same sight, one after the other: the second is told what happened in between, and nothing is changed.</summary>
public sealed class ExpectedChampionTests : IDisposable
{
    private readonly RegistryFixture fixture = new();

    private ModelRegistry Registry => fixture.Registry;

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Promote_TwoASecondApartOnTheSameSight_OneSucceedsAndOneIsToldWho()
    {
        await AddAsync(3);
        await Registry.PromoteAsync("late", 1, "cli:root", "first", ExpectedChampion.Of(0));
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await Registry.PromoteAsync("late", 2, "cli:alice", "better on Mondays", ExpectedChampion.Of(1));
        fixture.Time.Advance(TimeSpan.FromSeconds(1));

        var moved = await Should.ThrowAsync<ChampionMovedException>(() => Registry.PromoteAsync("late", 3, "cli:bob", "newer", ExpectedChampion.Of(1)));

        moved.Message.ShouldBe("the champion of model 'late' is version 2, not version 1 as expected: promoted by cli:alice at 2026-01-02 03:04:06 UTC (\"better on Mondays\"). Nothing was changed; look at it and decide again");
        moved.Found.ShouldBe(2);
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(2);
        (await MovesAsync()).ShouldBe(["promoted >1", "promoted 1>2"]);
        await Registry.PromoteAsync("late", 3, "cli:bob", "newer", ExpectedChampion.Of(2));
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(3);
    }

    [Fact]
    public async Task Promote_TenOperatorsOnTheSameSight_OneSucceeds()
    {
        await AddAsync(11);
        await Registry.PromoteAsync("late", 1, "cli:root", "first");
        var results = await Task.WhenAll(Enumerable.Range(2, 10).Select(v => Task.Run(() => Record.ExceptionAsync(() => fixture.Open().PromoteAsync("late", v, $"cli:p{v}", "mine", ExpectedChampion.Of(1))))));

        results.Count(r => r is null).ShouldBe(1);
        results.OfType<Exception>().ShouldAllBe(e => e is RefusedException);
        (await MovesAsync()).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Promote_TheFirst_OnlyWhileThereIsNone()
    {
        await AddAsync(2);
        (await Should.ThrowAsync<ChampionMovedException>(() => Registry.PromoteAsync("late", 2, "cli:bob", "", ExpectedChampion.Of(1)))).Message.ShouldBe(
            "the champion of model 'late' is none, not version 1 as expected. Nothing was changed; look at it and decide again");
        await Registry.PromoteAsync("late", 1, "cli:alice", "", ExpectedChampion.Of(0));
        (await Should.ThrowAsync<ChampionMovedException>(() => Registry.PromoteAsync("late", 2, "cli:bob", "", ExpectedChampion.Of(0)))).Message.ShouldBe(
            "the champion of model 'late' is version 1, not none as expected: promoted by cli:alice at 2026-01-02 03:04:05 UTC. Nothing was changed; look at it and decide again");
        Should.Throw<RequestException>(() => ExpectedChampion.Of(-1)).Message.ShouldBe("-1 is not the number of a version; expected the champion that you saw, 1 or more, or 0 when there was none.");
    }

    // Without it the second would go back two versions.
    [Fact]
    public async Task RollBack_TwoOnTheSameSight_GoesBackOnce()
    {
        await AddAsync(3);
        for (var v = 1; v <= 3; v++) await Registry.PromoteAsync("late", v, "cli:root", $"number {v}");
        (await Registry.RollBackAsync("late", "cli:alice", "complaints", ExpectedChampion.Of(3))).Version.ShouldBe(2);

        (await Should.ThrowAsync<ChampionMovedException>(() => Registry.RollBackAsync("late", "cli:bob", "complaints", ExpectedChampion.Of(3)))).Message.ShouldStartWith(
            "the champion of model 'late' is version 2, not version 3 as expected: rolled-back by cli:alice");
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(2);
    }

    [Fact]
    public async Task Approve_ChampionMovedMeanwhile_StillWaits()
    {
        await AddAsync(2);
        await fixture.AddAsync("train-3", needsApproval: true);
        await Registry.PromoteAsync("late", 1, "cli:root", "first");
        await Registry.PromoteAsync("late", 2, "cli:root", "second");

        await Should.ThrowAsync<ChampionMovedException>(() => Registry.ApproveAsync("late", 3, "cli:bob", "better than 1", ExpectedChampion.Of(1)));

        (await Registry.FindAsync("late", 3))!.Status.ShouldBe(VersionStatus.AwaitingApproval);
        (await Registry.AuditAsync("late")).ShouldNotContain(a => a.Action == "approved");
        (await Registry.ApproveAsync("late", 3, "cli:bob", "better than 2", ExpectedChampion.Of(2))).From.ShouldBe(2);
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(3);
    }

    private async Task AddAsync(int versions)
    {
        for (var i = 1; i <= versions; i++) await fixture.AddAsync($"train-{i}");
    }

    private async Task<string[]> MovesAsync() => [.. (await Registry.AuditAsync("late")).Where(a => a.Action == "promoted").Select(a => $"{a.Action} {a.From}>{a.Version}")];
}
