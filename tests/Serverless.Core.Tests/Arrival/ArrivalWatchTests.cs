using Microsoft.Extensions.DependencyInjection;
using Serverless.Arrival;
using Serverless.Core.Tests.Runs;
using Serverless.Datasets;

namespace Serverless.Core.Tests.Arrival;

public sealed class ArrivalWatchTests
{
    [Fact]
    public async Task Look_BeforeAnythingIsDue_Waits()
    {
        using var fixture = new ArrivalFixture();

        var state = await fixture.LookAsync();

        (state.Outcome, state.Fallback, state.Note()).ShouldBe((ArrivalOutcome.Waiting, false, null));
        (await fixture.EventsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Look_DataThereWhenDue_IsOnTimeAndGoodNews()
    {
        using var fixture = new ArrivalFixture();
        await fixture.LookAsync();
        fixture.History.Add("2026-03-02", "2026-03-03 03:30");

        var state = await fixture.LookAsync("2026-03-03 04:00");

        (state.Outcome, state.Period, state.LastData).ShouldBe((ArrivalOutcome.OnTime, "2026-03-02", "2026-03-02"));
        var signal = (await fixture.SignalsAsync()).ShouldHaveSingleItem();
        (signal.Bad, signal.Name, signal.Subject, signal.Period).ShouldBe((false, "arrival", "flights", "2026-03-02"));
        signal.Message.ShouldBe("the data of 2026-03-02 came on time, at 2026-03-03 03:30:00 UTC.");
    }

    [Fact]
    public async Task Look_NothingComes_IsLateThenMissedThenArrivedLate()
    {
        using var fixture = new ArrivalFixture();
        fixture.History.Add("2026-03-01", "2026-03-02 03:30");
        await fixture.LookAsync();

        (await fixture.LookAsync("2026-03-03 04:00")).Outcome.ShouldBe(ArrivalOutcome.Late);
        (await fixture.LookAsync("2026-03-03 05:59")).Note().ShouldBeNull(); // not yet: there is time until the deadline
        var missed = await fixture.LookAsync("2026-03-03 06:00");
        missed.Note().ShouldBe("dataset flights: partition 2026-03-02 missing since 2026-03-03T04:00:00Z; last data 2026-03-01");
        missed.Refusal().ShouldBeNull();

        fixture.History.Add("2026-03-02", "2026-03-03 09:00");
        var came = await fixture.LookAsync("2026-03-03 09:01");

        (came.Outcome, came.Fallback, came.Note(), came.Missing.Count).ShouldBe((ArrivalOutcome.ArrivedLate, false, null, 0));
        (await fixture.EventsAsync()).ShouldBe(["2026-03-02 Late 03 04:00", "2026-03-02 Missed 03 06:00", "2026-03-02 ArrivedLate 03 09:01"]);
        (await fixture.SignalsAsync()).Select(s => (s.Bad, s.Severity)).ShouldBe([(true, Severity.Warning), (true, Severity.Error), (false, Severity.Error)]);
    }

    [Fact]
    public async Task Look_AgainAndByMany_SaysEverythingOnce()
    {
        using var fixture = new ArrivalFixture();
        await fixture.LookAsync();
        fixture.Time.SetUtcNow(ArrivalCalendarTests.Utc("2026-03-03 07:00"));

        var processes = Enumerable.Range(0, 8).Select(_ => fixture.Process().GetRequiredService<IArrivals>()).ToArray();
        for (var i = 0; i < 3; i++) await Task.WhenAll(processes.Select(p => Task.Run(() => p.LookAsync("flights"))));

        (await fixture.EventsAsync()).ShouldBe(["2026-03-02 Late 03 07:00", "2026-03-02 Missed 03 07:00"]);
        (await fixture.SignalsAsync()).ShouldHaveSingleItem().Severity.ShouldBe(Severity.Error); // seen after the deadline: one piece of news
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Look_ProcessDiesAnywhere_AnotherSaysEverythingOnce(bool after)
    {
        for (var at = 1; ; at++)
        {
            using var fixture = new ArrivalFixture();
            await fixture.LookAsync();
            fixture.Time.SetUtcNow(ArrivalCalendarTests.Utc("2026-03-03 07:00"));
            var fuse = new Fuse(at, after);
            await Record.ExceptionAsync(() => fixture.Process(new MortalRecords(fixture.Records, fuse)).GetRequiredService<IArrivals>().LookAsync("flights"));

            (await fixture.LookAsync("2026-03-03 07:05")).Outcome.ShouldBe(ArrivalOutcome.Missed);

            (await fixture.SignalsAsync()).ShouldHaveSingleItem().Severity.ShouldBe(Severity.Error);
            (await fixture.EventsAsync()).Length.ShouldBe(2);
            if (!fuse.Blown) return;
        }
    }

    [Fact]
    public async Task Look_DownForThreeDays_DecidesEachDay()
    {
        using var fixture = new ArrivalFixture();
        await fixture.LookAsync();
        fixture.History.Add("2026-03-03", "2026-03-04 03:00");

        var state = await fixture.LookAsync("2026-03-06 07:00");

        (await fixture.EventsAsync()).Select(e => e[..^9]).ShouldBe(
            ["2026-03-02 Late", "2026-03-02 Missed", "2026-03-03 OnTime", "2026-03-04 Late", "2026-03-04 Missed", "2026-03-05 Late", "2026-03-05 Missed"]);
        state.Note().ShouldBe("dataset flights: partitions 2026-03-02 to 2026-03-05 (3) missing since 2026-03-03T04:00:00Z; last data 2026-03-03");
    }

    [Fact]
    public async Task Look_AHoleBehindNewerData_IsNoFallback()
    {
        using var fixture = new ArrivalFixture();
        await fixture.LookAsync();
        await fixture.LookAsync("2026-03-03 07:00");
        fixture.History.Add("2026-03-03", "2026-03-04 03:00");

        var state = await fixture.LookAsync("2026-03-04 04:00");

        (state.Outcome, state.Fallback, state.Note()).ShouldBe((ArrivalOutcome.OnTime, false, null));
        state.Missing.ShouldHaveSingleItem().Key.ShouldBe("2026-03-02");
    }

    [Fact]
    public async Task Look_ClockJumpsBackAnHour_DecidesNothingTwiceAndGoesOn()
    {
        using var fixture = new ArrivalFixture();
        await fixture.LookAsync();
        await fixture.LookAsync("2026-03-03 06:30");

        fixture.Time.AdjustTime(ArrivalCalendarTests.Utc("2026-03-03 05:30"));
        (await fixture.LookAsync()).Outcome.ShouldBe(ArrivalOutcome.Missed);
        (await fixture.EventsAsync()).Length.ShouldBe(2);

        (await fixture.LookAsync("2026-03-04 06:00")).Missing.Count.ShouldBe(2);
        (await fixture.EventsAsync()).Length.ShouldBe(4);
    }

    [Fact]
    public async Task Look_ClockWasAYearAhead_DoesNotFallSilent()
    {
        using var fixture = new ArrivalFixture();
        fixture.Time.SetUtcNow(ArrivalCalendarTests.Utc("2027-03-02 12:00"));
        await fixture.LookAsync();
        fixture.Time.AdjustTime(ArrivalCalendarTests.Utc("2026-03-02 12:00"));

        await fixture.LookAsync();
        (await fixture.LookAsync("2026-03-03 06:00")).Missing.ShouldHaveSingleItem().Key.ShouldBe("2026-03-02");
    }

    [Fact]
    public async Task Look_PolicyStop_RefusesUntilTheDataCome()
    {
        using var fixture = new ArrivalFixture(ArrivalCalendarTests.Of("1d", "04:00", "06:00", MissingPolicy.Stop));
        await fixture.LookAsync();

        (await fixture.LookAsync("2026-03-03 06:00")).Refusal()
            .ShouldBe("dataset flights: partition 2026-03-02 missing since 2026-03-03T04:00:00Z; there are no data (onMissing: stop)");
        fixture.History.Add("2026-03-02", "2026-03-03 09:00");
        (await fixture.LookAsync()).Refusal().ShouldBeNull();
    }

    [Fact]
    public async Task Look_PolicyIgnore_IsRecordedAndSaysNothingElse()
    {
        using var fixture = new ArrivalFixture(ArrivalCalendarTests.Of("1d", "04:00", "06:00", MissingPolicy.Ignore));
        await fixture.LookAsync();

        var state = await fixture.LookAsync("2026-03-03 06:00");

        (state.Outcome, state.Fallback).ShouldBe((ArrivalOutcome.Missed, false));
        (await fixture.SignalsAsync()).ShouldAllBe(s => s.Severity == Severity.Info);
    }

    [Fact]
    public async Task Look_PartitionedByArrival_CountsWhatWasStoredSinceTheLastDueTime()
    {
        using var fixture = new ArrivalFixture(partition: new PartitionScheme(null, PartitionGrain.Day));
        fixture.History.Add("2026-03-02", "2026-03-02 03:00");
        await fixture.LookAsync();

        (await fixture.LookAsync("2026-03-03 07:00")).Outcome.ShouldBe(ArrivalOutcome.Missed); // the drop of the day before does not count
        fixture.History.Add("2026-03-03", "2026-03-03 08:00");
        (await fixture.LookAsync("2026-03-03 08:00")).Outcome.ShouldBe(ArrivalOutcome.ArrivedLate);
        (await fixture.LookAsync("2026-03-04 04:00")).Outcome.ShouldBe(ArrivalOutcome.Late); // and one drop does not count twice
    }

    [Fact]
    public async Task Notes_WhileDataAreMissing_AreThoseOfTheModelsOnThem()
    {
        using var fixture = new ArrivalFixture();
        var notes = fixture.Process().GetRequiredService<DataNotes>();
        await notes.RefreshAsync();
        notes.Of("flight-delay").ShouldBeNull();

        fixture.Time.SetUtcNow(ArrivalCalendarTests.Utc("2026-03-03 06:00"));
        await notes.RefreshAsync();
        notes.Of("flight-delay")!.Text.ShouldStartWith("dataset flights: partition 2026-03-02 missing since");
        notes.Of("other").ShouldBeNull();

        fixture.History.Add("2026-03-02", "2026-03-03 09:00");
        await notes.RefreshAsync();
        notes.Of("flight-delay").ShouldBeNull();
    }
}
