using System.Text.Json;
using Serverless.Alerts;
using Serverless.Core.Tests.Training;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Search;
using Serverless.Storage;
using Serverless.Tracking;
using Serverless.Training;

namespace Serverless.Core.Tests.Search;

/// <summary>Searches through the real engine, up to the version that comes of them.</summary>
public sealed class SearchRunTests
{
    [Fact]
    public async Task Search_TwelveTrials_AreRunsAndTheBestIsTrainedAsAnyTraining()
    {
        using var fixture = SearchFixture.Open();
        var view = await fixture.SearchAsync();
        view.Run.Status.ShouldBe(RunStatus.Done, view.Run.Reason);
        view.Trials.Select(t => t.State.Number).ShouldBe(Enumerable.Range(1, 12));
        view.Trials.ShouldAllBe(t => t.Run.Status == RunStatus.Done && t.State.Search == view.Run.Id && t.State.Report!.Metrics.ContainsKey("auc"));
        view.Trials[0].State.Own.ShouldBeTrue();
        var report = view.Report.ShouldNotBeNull();
        (report.Metric, report.MoreIsBetter, report.Done, report.Failed, report.Stopped, report.Ended).ShouldBe(("auc", true, 12, 0, 0, "its 12 trials are made"));
        report.BestValue.ShouldBe(view.Trials.Where(t => t.State.Share == 1).Max(t => t.Value!.Value));
        report.BestValue.ShouldBeGreaterThan(report.OwnValue!.Value);

        // The winner is an ordinary training: the same gate and holdout, with what was found in its record.
        var training = await fixture.Engine.FindAsync(report.Training.ShouldNotBeNull());
        var state = training!.Data.Deserialize<TrainState>(ServerlessJson.Options)!;
        (state.Found!.Search, state.Found.Trial, state.By).ShouldBe((view.Run.Id, report.BestRun, "cli:alice"));
        var best = view.Trials[report.Best - 1].State;
        foreach (var (name, value) in best.Values) state.Report!.Lineage!.Hyperparameters[name].ShouldBe(value);
        state.Report!.Lineage!.HoldoutFrom.ShouldBe(best.Window.Until);
        (report.Version, await fixture.Registry.AliasAsync("late", Alias.Champion)).ShouldBe((1, 1));
        report.Yaml.ShouldBe($"trainer: {{ name: half, steps: {best.Settings!.Settings["steps"]}, learning-rate: {best.Settings.Settings["learning-rate"]}, seed: 42 }}");
        var stored = await fixture.Get<CandidateStore>().RequireAsync(training.Id, CancellationToken.None);
        stored.Lineage.Hyperparameters.ShouldBe(state.Report.Lineage.Hyperparameters);
    }

    [Fact]
    public async Task Search_HoldoutRows_AreNeverReadByATrial()
    {
        using var fixture = SearchFixture.Open();
        var run = await fixture.StartAsync(train: false);
        // The search's own first step looks at the labels to place its window; trials come after it.
        while ((await fixture.Engine.FindAsync(run))!.State == "queued") await fixture.Engine.WorkOnceAsync();
        fixture.Data.ReadKeys.Clear();
        await fixture.FinishAsync(run);
        fixture.Data.ReadKeys.Distinct().Order().ShouldBe(Enumerable.Range(1, 9).Select(d => $"2001-01-{d:D2}")); // of twelve days the last three are the holdout
        var view = await fixture.Get<ISearches>().LookAsync(run);
        view.Trials.Count.ShouldBe(12);
        foreach (var trial in view.Trials)
        {
            trial.State.Window.Until.ShouldBe(new DateTimeOffset(2001, 1, 10, 0, 0, 0, TimeSpan.Zero));
            trial.State.Report!.JudgedRows.ShouldBeInRange(80, 100); // the last fifth of nine days of 48 rows
            trial.State.Report.LearnedRows.ShouldBeLessThanOrEqualTo((9 * 48) - trial.State.Report.JudgedRows);
        }
    }

    [Fact]
    public async Task Search_Rungs_LearnFromTheLatestRows()
    {
        using var fixture = new TrainFixture(SearchFixture.Model(SearchFixture.Definition with { Trials = 16, Parallel = 1, Trainers = [new SearchedTrainer("half", [SearchFixture.Range("learning-rate", 0.001, 10, log: true)], 21, 3)] })).WithDays(30, rows: 440);
        var view = await fixture.SearchAsync(train: false);
        view.Trials.Select(t => t.State.Rung).Distinct().Order().ShouldBe([0, 1, 2]);
        var all = view.Trials[0].State.Report!.LearnedRows;
        foreach (var trial in view.Trials) (trial.State.Report!.LearnedRows / (double)all).ShouldBe(trial.State.Share, 0.01);
        view.Trials.Select(t => t.State.Report!.JudgedRows).Distinct().ShouldHaveSingleItem();
        view.Report!.Training.ShouldBeNull();
    }

    [Fact]
    public async Task Search_SameSeed_IsTheSameToTheLastByte()
    {
        string first, again, other;
        using (var fixture = SearchFixture.Open()) first = (await fixture.SearchAsync()).Text();
        using (var fixture = SearchFixture.Open()) again = (await fixture.SearchAsync()).Text();
        using (var fixture = SearchFixture.Open(SearchFixture.Definition with { Seed = 43 })) other = (await fixture.SearchAsync()).Text();
        again.ShouldBe(first);
        other.ShouldNotBe(first);
    }

    [Fact]
    public async Task Search_TrialsThatThrowDivergeOrAreNotDefined_AreRecordedAndTheSearchGoesOn()
    {
        // Where steps are too long the weights of a regression are no numbers any more; and once the trainer throws.
        var search = SearchFixture.Definition with { Trainers = [new SearchedTrainer("half", [SearchFixture.Range("learning-rate", 0.001, 1e300, log: true), SearchFixture.Range("steps", 4, 12)], 21, 3)] };
        using var fixture = new TrainFixture(SearchFixture.Model(search) with { Task = TaskKind.Regression, Label = new ExpressionText("delay"), Gate = new GateDefinition() }, alerts: true).WithDays(12, rows: 48);
        var fits = 0;
        fixture.Trainer.BeforeFit = () => Interlocked.Increment(ref fits) == 3 ? throw new InvalidOperationException("no luck") : Task.CompletedTask;
        var view = await fixture.SearchAsync();
        view.Run.Status.ShouldBe(RunStatus.Done, view.Run.Reason);
        view.Trials.Count.ShouldBe(12);
        var failed = view.Trials.Where(t => t.Failure is not null).ToArray();
        failed.ShouldAllBe(t => t.Run.Status == RunStatus.Failed && t.Run.Reason == t.Failure && t.Value == null);
        failed.ShouldContain(t => t.Failure == "trainer 'half' failed: InvalidOperationException: no luck");
        failed.ShouldContain(t => t.Failure!.StartsWith("trainer 'half' diverged: "));
        view.Report!.Failed.ShouldBe(failed.Length);
        fits.ShouldBe(13); // twelve trials and the training of the best: nothing that failed was tried again
        // Nobody is woken for a trial.
        var signals = await fixture.Get<ISignals>().ReadAsync(new DateOnly(2026, 1, 2), new DateOnly(2026, 1, 3)).ToListAsync();
        signals.ShouldContain(s => s.Kind == SignalKind.RunFailed && s.Name == "search");
        signals.ShouldNotContain(s => s.Kind == SignalKind.RunFailed && s.Name == "trial");
    }

    [Fact]
    public async Task Search_EveryTrialFails_EndsFailedWithTheLastReasonAndTheChampionStays()
    {
        using var fixture = SearchFixture.Open();
        await fixture.TrainAsync();
        fixture.Trainer.BeforeFit = () => throw new InvalidOperationException("no luck");
        var view = await fixture.SearchAsync();
        (view.Run.Status, view.Run.Reason).ShouldBe((RunStatus.Failed, "none of its 12 trials came to anything, and its 12 trials are made; the last that failed said: trainer 'half' failed: InvalidOperationException: no luck"));
        (await fixture.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
        (await fixture.Registry.VersionsAsync("late")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Search_TimeIsUp_StopsTrialsAndTakesTheBestUntilThen()
    {
        using var fixture = SearchFixture.Open(SearchFixture.Definition with { Trials = null, Time = TimeSpan.FromMinutes(10), Parallel = 1 });
        fixture.Trainer.BeforeFit = () =>
        {
            fixture.Time.Advance(TimeSpan.FromMinutes(1.5));
            return Task.CompletedTask;
        };
        var view = await fixture.SearchAsync(train: false);
        view.Run.Status.ShouldBe(RunStatus.Done, view.Run.Reason);
        view.Report!.Ended.ShouldBe("its 10 minutes are over");
        view.Report.Done.ShouldBeInRange(3, 7);
        view.Trials.Count.ShouldBe(view.Report.Done + view.Report.Stopped);
        view.Trials.Where(t => t.Stopped).ShouldAllBe(t => t.Run.Status == RunStatus.Refused && t.Run.Reason == "the search's time was up");
    }

    [Fact]
    public async Task Search_DuplicateMessages_DoNoHarm()
    {
        string plain;
        using (var fixture = SearchFixture.Open()) plain = (await fixture.SearchAsync(train: false)).Text();
        using var noisy = SearchFixture.Open();
        var run = await noisy.StartAsync(train: false);
        var (queue, known) = (noisy.Get<IWorkQueue>(), new HashSet<string>());
        for (var i = 0; i < 1000 && (await noisy.Engine.FindAsync(run))!.Status == RunStatus.Running; i++)
        {
            await foreach (var any in noisy.Engine.ListAsync())
            {
                for (var copy = 0; copy < 3 && !known.Contains(any.Id); copy++) await queue.EnqueueAsync(StoreNames.Queues.Work, RunMessages.Write(any.Id));
                known.Add(any.Id);
            }

            if (!await noisy.Engine.WorkOnceAsync()) noisy.Time.Advance(TimeSpan.FromSeconds(1));
        }

        (await noisy.Get<ISearches>().LookAsync(run)).Text().ShouldBe(plain);
        noisy.Trainer.Fits.ShouldBe(12);
    }

    [Fact]
    public async Task Search_WithoutSection_SaysWhatToWrite()
    {
        using var fixture = new TrainFixture().WithDays(6);
        var refused = await Should.ThrowAsync<RequestException>(() => fixture.Get<ISearches>().StartAsync(new SearchRequest { Model = "late", Reason = "test", By = "test" }));
        refused.Message.ShouldBe("no search is configured for 'late'; write in models/late.yaml what it may cost, such as 'search: { budget: { trials: 40, minutes: 30 } }'");
    }

    [Fact]
    public async Task Search_NoDataOrOneMoment_FailsBeforeAnyTrial()
    {
        using var empty = new TrainFixture(SearchFixture.Model());
        (await empty.SearchAsync()).Run.Reason!.ShouldContain("dataset 'flights' has no partitions yet");
        using var holdout = new TrainFixture(SearchFixture.Model()).WithDays(3);
        var view = await holdout.SearchAsync();
        (view.Run.Status, view.Trials.Count).ShouldBe((RunStatus.Failed, 0));
        view.Run.Reason!.ShouldContain("are all within the holdout");
    }

    [Fact]
    public async Task Tune_GateRefuses_StartsOneSearchWhoseWinnerGoesToTheSameGate()
    {
        var gate = new GateDefinition { Metric = "auc", Min = 0.9999, OnFailure = GateFailure.Tune };
        using var fixture = new TrainFixture(SearchFixture.Model() with { Gate = gate }).WithDays(12, rows: 48);
        var (refused, _) = await fixture.TrainAsync();
        refused.Status.ShouldBe(RunStatus.Refused);
        var search = (await fixture.Engine.ListAsync("search").ToListAsync()).ShouldHaveSingleItem();
        (await fixture.Get<IDecisions>().ListAsync("late")).ShouldHaveSingleItem().ShouldSatisfyAllConditions(d => d.Run.ShouldBe(search.Id), d => d.Reason.ShouldEndWith($"onFailure: tune: search {search.Id} looks for better settings"));
        (await fixture.Get<ITuning>().AskAsync("late", refused.Id, "again")).Run.ShouldBe(search.Id);
        var ended = await fixture.FinishAsync(search.Id);
        (ended.Status, ended.Reason!.Split(':')[0]).ShouldBe((RunStatus.Refused, "the best that was found did not pass the gate"));
        // What a search found is not searched for again.
        (await fixture.Engine.ListAsync("search").ToListAsync()).Count.ShouldBe(1);
        (await fixture.Get<IDecisions>().ListAsync("late")).ShouldContain(d => d.Reason.Contains($"came out of search {search.Id} already"));
        (await fixture.Engine.ListAsync("train").ToListAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Compare_TwoTrials_NamesWhatDiffered()
    {
        using var fixture = SearchFixture.Open();
        var view = await fixture.SearchAsync();
        var (a, b) = (view.Trials[0], view.Trials[1]);
        var compared = await fixture.Get<ITrackedRuns>().CompareAsync(a.Run.Id, b.Run.Id);
        compared.Notes.ShouldBeEmpty();
        compared.Differences.Select(d => d.Name).ShouldBe(["steps", "learning-rate"], ignoreOrder: true);
        compared.Differences.Single(d => d.Name == "steps").ShouldBe(new RunDifference("hyperparameter", "steps", "3", b.State.Settings!.Settings["steps"]));
        compared.Metrics.Single(m => m.Name == "auc").ShouldSatisfyAllConditions(m => m.Left.ShouldBe(a.Value), m => m.Right.ShouldBe(b.Value));
        (await fixture.Get<ITrackedRuns>().ListAsync(new RunQuery { Kind = "trial", Sort = "auc", Limit = 3 })).Select(r => r.Metrics["auc"]).ShouldBeInOrder(SortDirection.Descending);
    }
}
