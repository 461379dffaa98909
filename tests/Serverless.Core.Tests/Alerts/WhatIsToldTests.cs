using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Core.Tests.Training;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Testing;

namespace Serverless.Core.Tests.Alerts;

/// <summary>What those who are concerned are told of approvals and of serving: word for word, good and bad.</summary>
public sealed class WhatIsToldTests
{
    private int before;

    private static readonly DateOnly Day = new(2026, 1, 2);

    [Fact]
    public async Task Approval_WaitedForAndDecided_IsToldWithWhoAndWhat()
    {
        using var fixture = new TrainFixture(TrainFixture.Binary() with { Approval = ApprovalKind.Human }, alerts: true).WithDays(12);
        var run = (await fixture.TrainAsync()).Record;
        var waiting = (await ToldAsync(fixture.Get<ISignals>())).Single(s => s.Name == "approval");
        (waiting.Kind, waiting.Subject, waiting.Bad, waiting.Severity, waiting.Run).ShouldBe((SignalKind.Gate, "late", true, Severity.Warning, run.Id));
        waiting.Message.ShouldContain("version 1");
        waiting.Message.ShouldContain("approv");

        await fixture.Registry.ApproveAsync("late", 1, "cli:alice", "looks right");

        var decided = (await ToldAsync(fixture.Get<ISignals>())).Single(s => s is { Name: "approval", Bad: false });
        (decided.Kind, decided.Subject, decided.Severity, decided.Message).ShouldBe((SignalKind.Gate, "late", Severity.Warning, "version 1 was approved by cli:alice: looks right"));
    }

    [Fact]
    public async Task Approval_Rejected_IsToldToo()
    {
        using var fixture = new TrainFixture(TrainFixture.Binary() with { Approval = ApprovalKind.Human }, alerts: true).WithDays(12);
        await fixture.TrainAsync();
        await fixture.Registry.RejectAsync("late", 1, "cli:bob", "too good to be true");

        (await ToldAsync(fixture.Get<ISignals>())).Single(s => s is { Name: "approval", Bad: false }).Message.ShouldBe("version 1 was rejected by cli:bob: too good to be true");
    }

    [Fact]
    public async Task Serving_InTroubleAndWellAgain_IsTold()
    {
        using var store = new LocalStore();
        var signals = new SignalRecords(store.Records);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var serving = new ServingSignals(signals, time);
        var told = new List<Signal>();
        async Task NextAsync(Action say, int more = 1)
        {
            say();
            for (var i = 0; i < 200 && told.Count < before + more; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                told = await ToldAsync(signals);
                if (told.Count < before + more) await Task.Delay(25);
            }

            before = told.Count;
        }

        await NextAsync(() => serving.Damaged("late", 3, 2, "model.zip is not what its manifest says"));
        await NextAsync(() => serving.Damaged("late", 4, null, "model.zip is gone"));
        await NextAsync(() => serving.Damaged("late", 5, 2, "its signature is not ours", tampered: true));
        await NextAsync(() => serving.Loaded("late", 6));
        await NextAsync(() => serving.LogInTrouble(["late"], 0));
        await NextAsync(() => serving.LogIsWell(["late"], 12), more: 2);

        told.ShouldAllBe(s => s.Kind == SignalKind.Serving && s.Subject == "late");
        told.OrderBy(s => s.At).Select(s => (s.Name, s.Bad, s.Severity, s.Message)).ShouldBe(
        [
            ("load", true, Severity.Error, "version 3 cannot be loaded (model.zip is not what its manifest says); version 2 answers instead"),
            ("load", true, Severity.Critical, "version 4 cannot be loaded (model.zip is gone); nothing answers"),
            ("load", true, Severity.Critical, "version 5 cannot be loaded (its signature is not ours); version 2 answers instead"),
            ("load", false, Severity.Error, "version 6 is loaded"),
            ("prediction-log", true, Severity.Error, "the prediction log cannot be written; nothing is lost yet"),
            ("prediction-log", true, Severity.Error, "the prediction log could not be written; 12 predictions are lost"),
            ("prediction-log", false, Severity.Error, "predictions are recorded again"),
        ]);
    }

    [Fact]
    public async Task Serving_LoadedAndThenDamaged_IsNotToldAsWell()
    {
        using var store = new LocalStore();
        var signals = new SignalRecords(store.Records);
        var serving = new ServingSignals(signals, new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));
        serving.Loaded("late", 1);
        serving.Damaged("late", 2, 1, "model.zip is gone");
        serving.Dispose();
        (await ToldAsync(signals)).Single().Bad.ShouldBeTrue();
    }

    // A command line ends long before the good news is due.
    [Fact]
    public async Task Serving_LoadedAndEnded_IsToldAtTheEnd()
    {
        using var store = new LocalStore();
        var signals = new SignalRecords(store.Records);
        var serving = new ServingSignals(signals, new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));
        serving.Loaded("late", 1);
        (await ToldAsync(signals)).ShouldBeEmpty();
        serving.Dispose();
        (await ToldAsync(signals)).Single().Message.ShouldBe("version 1 is loaded");
    }

    private static async Task<List<Signal>> ToldAsync(ISignals signals)
    {
        var told = new List<Signal>();
        await foreach (var signal in signals.ReadAsync(Day, Day)) told.Add(signal);
        return told;
    }
}
