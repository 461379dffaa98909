using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Workspaces;

/// <summary>The section <c>batch</c> of a model file.</summary>
internal static class BatchSection
{
    public static BatchDefinition? Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("batch", "a mapping, such as '{ schedule: \"0 5 * * *\", key: [id], precompute: true }'") is not { } map) return null;
        var s = new Section(map, "batch", parent.File, problems);
        var schedule = s.Cron("schedule", "0 5 * * *");
        var key = s.Node("key") is Yaml.YamlScalar one ? [one.Text] : s.Texts("key", "a column or a list of columns") ?? [];
        if (key.GroupBy(k => k, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) s.Error(s.At("key"), $"'key' names column '{twice.Key}' twice.");
        var (precompute, age) = (s.Flag("precompute"), s.Duration("maxAge"));
        if (precompute && key.Count == 0) s.Error(s.At("precompute"), "'precompute' needs 'key': the columns by which a prediction is asked for.");
        if (age is not null && !precompute) s.Error(s.At("maxAge"), "'maxAge' is for 'precompute: true': how old a prediction that is served may be.");
        var rows = s.Number("partRows", 1, 10_000_000);
        if (rows is { } r && r != Math.Floor(r)) s.Error(s.At("partRows"), "'partRows' must be a whole number.");
        return new BatchDefinition
        {
            PartRows = (int?)rows,
            Schedule = schedule, OnNewData = s.Flag("onNewData"), Window = s.Duration("window"), Key = key, Inputs = s.Node("inputs") is null || s.Flag("inputs"), Precompute = precompute, MaxAge = age,
            Line = s.At("key").Line, Column = s.At("key").Column,
        };
    }
}

/// <summary>Batches that begin by themselves read the model's dataset, so it must have the columns of their key.</summary>
internal sealed class BatchValidator : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace)
    {
        foreach (var model in workspace.Models.Values)
        {
            if (model.Batch is not { IsDue: true } batch || !workspace.Datasets.TryGetValue(model.Dataset, out var dataset)) continue;
            foreach (var column in batch.Key.Where(k => dataset.Columns.All(c => c.Name != k)))
            {
                yield return new Problem($"'key': dataset '{dataset.Name}' has no column '{column}'.{Suggest.Hint(column, dataset.Columns.Select(c => c.Name))}", model.File, batch.Line, batch.Column);
            }
        }
    }
}
