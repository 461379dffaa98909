using System.Text.Json;
using Serverless.Runs;
using Serverless.Training;

namespace Serverless.Search;

/// <summary>
/// Starts the trials of a search when they are due. Whoever ends a trial calls it, and the search itself looks now and then: as the next trial follows from those before it, all of them
/// start the same one, under the same id.
/// </summary>
internal sealed class SearchConductor(TrialRecords trials, RunRecords runs, IRunEngine engine, IEnumerable<ISampler> samplers, TrainerCatalogue trainers, TimeProvider time)
{
    /// <summary>As <see cref="AdvanceAsync(string, DateTimeOffset, SearchState, CancellationToken)"/>, for a search that is known by its run only; does nothing where it has ended.</summary>
    public async Task AdvanceAsync(string search, CancellationToken cancel)
    {
        if (await runs.FindAsync(search, cancel) is not { Record: { Status: RunStatus.Running } run } || run.Data.Deserialize<SearchState>(ServerlessJson.Options) is not { Plan: not null, Report: null } state) return;
        await AdvanceAsync(search, run.CreatedAt, state, cancel);
    }

    /// <summary>Starts what is due.</summary>
    public async Task<SearchStand> AdvanceAsync(string search, DateTimeOffset createdAt, SearchState state, CancellationToken cancel)
    {
        var plan = state.Plan ?? throw new InvalidOperationException("the search has no plan yet");
        var order = new TrialOrder(plan, samplers.First(s => s.Name == plan.Sampler));
        var found = (await trials.OfAsync(search, createdAt, cancel)).ToList();
        var ordered = found.Select((t, i) => Ordered(t, i, plan)).ToList();
        while (true)
        {
            if (plan.Deadline <= time.GetUtcNow()) return new SearchStand(found, true, $"its {(plan.Deadline - state.Begun)!.Value.TotalMinutes:0.##} minutes are over");
            var next = order.Next(ordered);
            if (next.Trial is not { } proposed) return new SearchStand(found, !next.Waits, next.Exhausted ? "every configuration was tried" : $"its {plan.Trials} trials are made");
            var number = ordered.Count;
            var trial = State(search, state, plan, number, proposed);
            var id = await engine.StartAsync(trial, TrialRecords.IdOf(search, createdAt, number + 1), cancel);
            found.Add(new TrialRun((await runs.FindAsync(id, cancel))!.Record, trial));
            ordered.Add(new OrderedTrial(number, proposed.Configuration, proposed.Rung, proposed.From, proposed.Own, false, null));
        }
    }

    private TrialState State(string search, SearchState state, SearchPlan plan, int number, ProposedTrial proposed) => new()
    {
        Search = search,
        Model = state.Model,
        Number = number + 1,
        Rung = proposed.Rung,
        Share = plan.Halving.Share(proposed.Rung),
        From = proposed.From + 1,
        Own = proposed.Own,
        Trainer = proposed.Configuration.Trainer,
        Values = proposed.Configuration.Values,
        Settings = proposed.Own ? null : Settings(proposed.Configuration, plan),
        AsOf = state.AsOf!.Value,
        Window = plan.Window,
        Metric = plan.Metric,
        Deadline = plan.Deadline,
    };

    private TrainerSettings Settings(Configuration configuration, SearchPlan plan)
    {
        var trainer = trainers.Get(configuration.Trainer, plan.Task);
        var known = trainer.Hyperparameters.ToDictionary(h => h.Name, StringComparer.Ordinal);
        return new TrainerSettings(configuration.Trainer, configuration.Values.ToDictionary(v => v.Key, v => known[v.Key].Text(v.Value)), trainer is IEarlyStoppingTrainer);
    }

    private static OrderedTrial Ordered(TrialRun trial, int index, SearchPlan plan)
    {
        if (trial.State.Number != index + 1) throw new InvalidOperationException($"trial {index + 1} of search '{trial.State.Search}' is gone, while trial {trial.State.Number} is there");
        return new OrderedTrial(index, new Configuration(trial.State.Trainer, trial.State.Values), trial.State.Rung, trial.State.From - 1, trial.State.Own, trial.Ended, plan.Loss(trial.Value));
    }
}

/// <param name="Over">No further trial begins; those under way may still end.</param>
/// <param name="Why">What ended it.</param>
internal sealed record SearchStand(IReadOnlyList<TrialRun> Trials, bool Over, string Why);
