using System.Text.Json;
using Serverless.Runs;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Search;

/// <summary>
/// Looks for better settings: fixes the plan, waits while its trials are made by whoever works, and has the best trained as any training is: the same holdout, which no trial saw, the same
/// gate, the same registry.
/// </summary>
internal sealed class SearchRunDefinition(SearchPlanner planner, SearchDefinitions definitions, SearchConductor conductor, IRunEngine engine, Workspace workspace, TimeProvider time) : IRunDefinition<SearchState>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    public string Kind => Searches.Kind;

    public string Subject(SearchState state) => state.Model;

    public IReadOnlyList<Transition<SearchState>> Transitions => [new("queued", "searching", BeginAsync), new("searching", "chosen", SearchAsync), new("chosen", "done", TrainAsync)];

    private async Task<Step<SearchState>> BeginAsync(RunContext<SearchState> context, CancellationToken cancel)
    {
        var state = context.State with { AsOf = context.State.AsOf ?? context.CreatedAt, Begun = context.State.Begun ?? time.GetUtcNow() };
        context.Progress?.Report(new RunProgress("read", null));
        await definitions.KeepAsync(context.RunId, state.Model, cancel);
        return Step<SearchState>.Next(state with { Plan = await planner.PlanAsync(workspace, state.Model, state.AsOf.Value, state.Begun.Value, cancel) });
    }

    private async Task<Step<SearchState>> SearchAsync(RunContext<SearchState> context, CancellationToken cancel)
    {
        var state = context.State;
        var stand = await conductor.AdvanceAsync(context.RunId, context.CreatedAt, state, cancel);
        var ended = stand.Trials.Count(t => t.Ended);
        if (!stand.Over || ended < stand.Trials.Count)
        {
            return Step<SearchState>.Later(state, Pause(state), $"{ended} of {(state.Plan!.Trials is { } most ? $"{most} trials have" : $"{stand.Trials.Count} trials so far have")} ended");
        }

        if (Best(state.Plan!, stand.Trials) is not { } best)
        {
            var failed = stand.Trials.LastOrDefault(t => t.Failure is not null);
            return Step<SearchState>.Fail(state, $"none of its {stand.Trials.Count} trials came to anything, and {stand.Why}{(failed is null ? "" : $"; the last that failed said: {failed.Failure}")}");
        }

        return Step<SearchState>.Next(state with { Report = Report(context, stand, best, await definitions.OfAsync(context.RunId, cancel)) });
    }

    private async Task<Step<SearchState>> TrainAsync(RunContext<SearchState> context, CancellationToken cancel)
    {
        var (state, report) = (context.State, context.State.Report ?? throw new InvalidOperationException("the search has no report yet"));
        if (!state.Train) return Step<SearchState>.Next(state);
        if (report.OwnIsBest && state.Cause is { } cause) return Step<SearchState>.End(state, $"nothing better than the model file's own settings was found, and the gate refused those in run {cause}");
        var id = RunIds.Derived("train", context.CreatedAt, context.RunId);
        var why = $"search {context.RunId}: trial {report.Best} was the best of {report.Done + report.Failed + report.Stopped} ({state.Reason})";
        await engine.StartAsync(new TrainState { Model = state.Model, AsOf = state.AsOf, Reason = why, By = state.By, Found = report.Found }, id, cancel);
        state = state with { Report = report with { Training = id } };
        var training = await engine.FindAsync(id, cancel) ?? throw new InvalidOperationException($"run '{id}' is gone");
        if (training.Status == RunStatus.Running) return Step<SearchState>.Later(state, Pause(state), $"run {id} trains the best");
        state = state with { Report = state.Report! with { Version = training.Data.Deserialize<TrainState>(ServerlessJson.Options)?.Report?.Version } };
        return training.Status switch
        {
            RunStatus.Done => Step<SearchState>.Next(state),
            RunStatus.Refused => Step<SearchState>.End(state, $"the best that was found did not pass the gate: {training.Reason}"),
            _ => Step<SearchState>.Fail(state, $"training the best failed: {training.Reason} (run {id})"),
        };
    }

    // Only looks: trials begin one another. Short searches are looked at often, so that nobody waits for their end.
    private TimeSpan Pause(SearchState state)
    {
        var pause = (time.GetUtcNow() - state.Begun!.Value) / 20;
        return pause < Shortest ? Shortest : pause > Longest ? Longest : pause;
    }

    public static TrialRun? Best(SearchPlan plan, IReadOnlyList<TrialRun> trials) =>
        trials.Where(t => plan.Loss(t.Value) is not null).OrderByDescending(t => t.State.Rung).ThenBy(t => plan.Loss(t.Value)).ThenBy(t => t.State.Number).FirstOrDefault();

    private SearchReport Report(RunContext<SearchState> context, SearchStand stand, TrialRun best, Workspace then)
    {
        var (plan, model) = (context.State.Plan!, then.Model(context.State.Model));
        var settings = best.State.Settings;
        var last = stand.Trials.Max(t => t.Run.UpdatedAt);
        return new SearchReport
        {
            Metric = plan.Metric, MoreIsBetter = plan.MoreIsBetter, Ended = stand.Why, Done = stand.Trials.Count(t => t.Value is not null), Failed = stand.Trials.Count(t => t.Failure is not null), Stopped = stand.Trials.Count(t => t.Stopped),
            Best = best.State.Number, BestRun = best.Run.Id, BestValue = best.Value!.Value, OwnValue = stand.Trials[0].Value, OwnIsBest = best.State.Own,
            Yaml = (settings ?? new TrainerSettings(model.Trainer.Name, new Dictionary<string, string>(), model.Trainer.EarlyStopping is not null)).Yaml(model),
            Found = new FoundSettings(context.RunId, best.Run.Id, settings), Seconds = Math.Round((last - context.State.Begun!.Value).TotalSeconds, 3),
        };
    }
}
