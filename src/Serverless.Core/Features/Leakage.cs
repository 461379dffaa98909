using Serverless.Datasets;
using Serverless.Models;
using Serverless.Workspaces;

namespace Serverless.Features;

/// <summary>
/// Columns that a feature must not read, because at the moment of a prediction nobody knows them: those the contract marks <c>knownAfter</c>, and those that the label is made of.
/// Of a label over several columns only the marked ones are refused, where some are; else all but the partition's, which is the row's own time.
/// </summary>
internal sealed class Leakage
{
    private readonly string label;
    private readonly HashSet<string> ofLabel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> later = new(StringComparer.Ordinal);

    /// <param name="label">The compiled label; null when it does not compile.</param>
    public Leakage(ModelDefinition model, DatasetDefinition dataset, ValueReader? label)
    {
        this.label = model.Label.Text;
        foreach (var column in dataset.Columns.Where(c => c.KnownAfter is not null))
        {
            later[column.Name] = $"{(column.KnownAfter == TimeSpan.MaxValue ? "some time" : Durations.Text(column.KnownAfter!.Value))} after the row's time ({dataset.File}({column.Line}): knownAfter)";
        }

        var columns = label?.Columns ?? [];
        ofLabel.UnionWith(columns.Any(later.ContainsKey) ? columns.Where(later.ContainsKey) : columns.Count > 1 ? columns.Where(c => c != dataset.Partition.Column) : columns);
    }

    public IEnumerable<string> Of(ValueReader feature)
    {
        foreach (var column in feature.Columns)
        {
            if (ofLabel.Contains(column))
            {
                yield return $"it reads '{column}', of which the label '{label}' is made, so it would know the answer in training and not when it is asked. Leave it out; values of earlier rows come from a feature view (features/<view>.yaml)";
            }
            else if (later.TryGetValue(column, out var when))
            {
                yield return $"it reads '{column}', which is known only {when}: too late for a prediction. Leave it out; values of earlier rows come from a feature view (features/<view>.yaml)";
            }
        }
    }
}
