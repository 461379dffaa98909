using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Runs;
using Serverless.Switches;
using Serverless.Testing;

namespace Serverless.Sources.Tests;

/// <summary>When pulls begin, whatever the clock does.</summary>
public sealed class ScheduleTests : IDisposable
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SourceFixture fixture;

    public ScheduleTests() => fixture = new SourceFixture("  - { name: shop, kind: folder, path: in, schedule: \"0 * * * *\" }", time);

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Tick_HourlySchedule_StartsOnePullAnHourHoweverManyTick()
    {
        var processes = Enumerable.Range(0, 4).Select(_ => Scheduler(fixture)).ToArray();
        await TickAsync(processes);
        (await RunsAsync()).ShouldBeEmpty();

        for (var i = 0; i < 6; i++)
        {
            time.Advance(TimeSpan.FromMinutes(30));
            await TickAsync(processes);
        }

        (await RunsAsync()).Select(r => r.Id[..19]).ShouldBe(["pull-20260301130000", "pull-20260301140000", "pull-20260301150000"]);
    }

    [Fact]
    public async Task Tick_SwitchedOff_PullsNothingAndCatchesUpOnceItIsOnAgain()
    {
        var switches = new SwitchedOff();
        var scheduler = fixture.Process(s => s.AddSingleton<ISwitches>(switches)).GetRequiredService<IPullScheduler>();
        await TickAsync(scheduler);
        switches.Off = [SwitchedParts.Pulls];
        time.Advance(TimeSpan.FromHours(2));
        await TickAsync(scheduler);
        (await RunsAsync()).ShouldBeEmpty();

        switches.Off = [];
        await TickAsync(scheduler);
        (await RunsAsync()).ShouldHaveSingleItem().Id.ShouldStartWith("pull-20260301140000");
    }

    [Fact]
    public async Task Tick_DownForADay_CatchesUpOnce()
    {
        await TickAsync(Scheduler(fixture));
        time.Advance(TimeSpan.FromHours(25));

        await TickAsync(Scheduler(fixture));

        (await RunsAsync()).ShouldHaveSingleItem().Id.ShouldStartWith("pull-20260302130000");
    }

    [Fact]
    public async Task Tick_SourceByPeriod_CatchesUpEachPeriod()
    {
        using var byPeriod = new SourceFixture("  - { name: shop, kind: http, url: \"http://127.0.0.1:9/{period}.csv\", schedule: \"0 4 * * *\" }", time);
        await TickAsync(Scheduler(byPeriod));
        time.Advance(TimeSpan.FromDays(3));

        await TickAsync(Scheduler(byPeriod));

        (await RunsAsync(byPeriod)).Select(r => r.Id[..19]).ShouldBe(["pull-20260302040000", "pull-20260303040000", "pull-20260304040000"]);
    }

    [Fact]
    public async Task Tick_ClockJumpsBackHalfAnHour_PullsNothingTwiceAndGoesOn()
    {
        var scheduler = Scheduler(fixture);
        await TickAsync(scheduler);
        time.Advance(TimeSpan.FromMinutes(70));
        await TickAsync(scheduler);
        (await RunsAsync()).Count.ShouldBe(1);

        time.AdjustTime(time.GetUtcNow().AddMinutes(-30));
        for (var i = 0; i < 12; i++)
        {
            await TickAsync(scheduler);
            time.Advance(TimeSpan.FromMinutes(10));
        }

        (await RunsAsync()).Select(r => r.Id[..19]).ShouldBe(["pull-20260301130000", "pull-20260301140000"]);
    }

    [Fact]
    public async Task Tick_ClockWasAYearAhead_PullsAgainWithinTheHour()
    {
        var scheduler = Scheduler(fixture);
        var real = time.GetUtcNow();
        time.Advance(TimeSpan.FromDays(365));
        await TickAsync(scheduler);
        time.Advance(TimeSpan.FromHours(1));
        await TickAsync(scheduler);
        (await RunsAsync()).ShouldHaveSingleItem().Id.ShouldStartWith("pull-20270301130000");

        time.AdjustTime(real);
        await TickAsync(scheduler);
        time.Advance(TimeSpan.FromHours(1));
        await TickAsync(scheduler);

        (await RunsAsync()).Select(r => r.Id[..19]).ShouldBe(["pull-20260301130000", "pull-20270301130000"]);
    }

    [Fact]
    public async Task Tick_DataAreLate_SourcesAreAskedAgainUntilTheDeadline()
    {
        using var late = new SourceFixture("  - { name: shop, kind: folder, path: in }", time, more: "arrival: { every: 1d, due: \"04:00\", deadline: \"06:00\" }\n");
        var scheduler = Scheduler(late);
        for (; time.GetUtcNow() < new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero); time.Advance(TimeSpan.FromMinutes(5))) await TickAsync(scheduler);

        (await RunsAsync(late)).Select(r => r.Id[..19]).ShouldBe(["pull-20260302041500", "pull-20260302044500", "pull-20260302054500"]);
        (await RunsAsync(late)).ShouldAllBe(r => r.Data.GetProperty("reason").GetString() == "the data of 2026-03-01 are late");
    }

    [Theory]
    [InlineData("04:10", null)]
    [InlineData("04:15", "04:15")]
    [InlineData("04:44", "04:15")]
    [InlineData("05:50", "05:45")]
    [InlineData("09:00", "05:45")]
    public void LastRetry_BetweenDueAndDeadline_GrowsApart(string now, string? expected)
    {
        static DateTimeOffset At(string t) => new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero) + TimeSpan.Parse(t, System.Globalization.CultureInfo.InvariantCulture);

        PullScheduler.LastRetry(At("04:00"), At("06:00"), At(now)).ShouldBe(expected is null ? null : At(expected));
    }

    private static IPullScheduler Scheduler(SourceFixture fixture) => fixture.Process().GetRequiredService<IPullScheduler>();

    private Task TickAsync(params IPullScheduler[] schedulers) => Task.WhenAll(schedulers.Select(s => Task.Run(() => s.TickAsync(time.GetUtcNow()))));

    private async Task<List<RunRecord>> RunsAsync(SourceFixture? of = null) =>
        (await (of ?? fixture).Process().GetRequiredService<IRunEngine>().ListAsync("pull").ToListAsync()).OrderBy(r => r.Id, StringComparer.Ordinal).ToList();
}
