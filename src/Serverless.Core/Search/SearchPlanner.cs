using Serverless.Evaluation;
using Serverless.Problems;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Search;

/// <summary>Makes the plan of a search from its model file and the data: where the rows that judge begin is decided once, for all trials.</summary>
internal sealed class SearchPlanner(TrainingReader reader, TrainerCatalogue trainers)
{
    /// <exception cref="RequestException">The model file has no search.</exception>
    /// <exception cref="DataException">No training could be made of these data either; or all training rows are of one moment.</exception>
    public async Task<SearchPlan> PlanAsync(Workspace workspace, string name, DateTimeOffset asOf, DateTimeOffset begun, CancellationToken cancel)
    {
        var model = workspace.Model(name);
        var search = model.Search ?? throw Searches.NotConfigured(name, model.File);
        var dataset = workspace.Dataset(model.Dataset);
        var own = trainers.Get(model.Trainer.Name, model.Task);
        var space = SearchSpaces.Of(model, trainer => trainers.Get(trainer, model.Task).Hyperparameters);
        var metric = MetricCatalogue.Find(model, search.Metric?.Text ?? model.Gate.Metric ?? MetricCatalogue.Default(model.Task).Name) ?? MetricCatalogue.Default(model.Task);

        // The label's columns alone: what a training would refuse is refused before any trial begins.
        var rows = await reader.ReadAsync(model, dataset, asOf, LabelledRows.Reads(model, dataset), cancel);
        var labels = LabelledRows.Of(model, dataset, rows, cancel);
        var ticks = Array.ConvertAll(labels.Train, r => rows.Ticks[r]);
        if (TimeSplit.Last(ticks, search.Share) is not { } parts) throw new DataException($"model '{name}': a search needs training rows of two moments at least, to learn from the earlier and judge by the later, and all {ticks.Length} are of one; lengthen 'window'");
        var values = TrainerCatalogue.Hyperparameters(own, model.Trainer);
        var stated = space.Trainers.FirstOrDefault(t => t.Trainer == own.Name)?.Dimensions.Select(d => d.Name) ?? own.Hyperparameters.Where(h => model.Trainer.Parameters.ContainsKey(h.Name)).Select(h => h.Name);
        var configuration = new Configuration(own.Name, stated.ToDictionary(d => d, d => values[d]));
        return new SearchPlan
        {
            Task = model.Task, Sampler = search.Sampler.Text, Seed = search.Seed ?? model.Trainer.Seed, Trials = search.Trials, Deadline = begun + search.Time, Parallel = search.Parallel,
            Halving = new SuccessiveHalving(search.Factor, search.Rungs).Within(search.Trials - 1, parts.Before.Length), Metric = metric.Name, MoreIsBetter = metric.MoreIsBetter, Space = space, Own = configuration,
            OwnInSpace = SearchSpaces.Contains(space, configuration),
            Window = new TrialWindow(rows.Window.TrainFrom, new DateTimeOffset(parts.From.Min(i => ticks[i]), TimeSpan.Zero), rows.Window.HoldoutFrom),
        };
    }
}
