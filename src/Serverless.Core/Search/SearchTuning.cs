using System.Text.Json;
using Serverless.Gating;
using Serverless.Runs;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Search;

/// <summary>Starts a search when the gate refused a candidate and the model file says <c>onFailure: tune</c>.</summary>
internal sealed class SearchTuning(Workspace workspace, IRunEngine engine) : ITuning
{
    public async Task<TuningAnswer> AskAsync(string model, string run, string reason, CancellationToken cancel = default)
    {
        if (!workspace.Models.TryGetValue(model, out var definition) || definition.Search is null) return new TuningAnswer(null, $"no search is configured for '{model}', so nothing is tuned");
        var refused = await engine.FindAsync(run, cancel) ?? throw new InvalidOperationException($"run '{run}' is gone");
        var training = refused.Data.Deserialize<TrainState>(ServerlessJson.Options);
        if (training?.Found is { } found) return new TuningAnswer(null, $"what was refused came out of search {found.Search} already, and another on the same data would find the same");
        if (training?.Import is not null) return new TuningAnswer(null, "what was refused was imported, so there is nothing to tune");
        var id = RunIds.Derived(Searches.Kind, refused.CreatedAt, model, run);
        await foreach (var other in engine.ListAsync(Searches.Kind, model, cancel))
        {
            if (other.Status == RunStatus.Running && other.Id != id) return new TuningAnswer(other.Id, $"search {other.Id} is under way already");
        }

        await engine.StartAsync(new SearchState { Model = model, AsOf = training?.AsOf ?? refused.CreatedAt, Reason = $"the gate refused run {run}: {reason}", By = "gate", Cause = run }, id, cancel);
        return new TuningAnswer(id, $"search {id} looks for better settings");
    }
}
