using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Training;

/// <summary>A check of severity error or critical that did not pass stops training on its partition. The history knows which; the figures lie beside the partition.</summary>
internal sealed class PartitionVerdicts(IObjectStore objects)
{
    private const int Listed = 5;

    /// <exception cref="DataException">Names the partitions and checks, with the figures.</exception>
    public async Task RequireAsync(IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel)
    {
        var stopped = partitions.Where(p => p.Entry.Failed >= Severity.Error).ToArray();
        if (stopped.Length == 0) return;
        var reasons = new List<string>();
        foreach (var partition in stopped.Take(Listed)) reasons.AddRange(await ReasonsAsync(partition, cancel));
        var more = stopped.Length > Listed ? $" (and {stopped.Length - Listed} more partitions)" : "";
        throw new DataException($"checks forbid training: {string.Join("; ", reasons)}{more}. Ingest a corrected drop under the same file name, or change the check or its severity");
    }

    private async Task<IReadOnlyList<string>> ReasonsAsync(PartitionRecord partition, CancellationToken cancel)
    {
        var name = $"partition {partition.Key} ({partition.Id})";
        var reasons = (await new PartitionResults(objects).ReadAsync(partition, cancel))
            .Where(c => c.Severity >= Severity.Error && (c.Outcome is Outcome.Failed or Outcome.Errored))
            .Select(c => $"{name}: {Describe(c)}").ToArray();
        return reasons.Length > 0 ? reasons : [$"{name}: failed a check of severity {partition.Entry.Failed?.ToString().ToLowerInvariant()}"];
    }

    private static string Describe(CheckResult check)
    {
        var column = check.Column is { } name ? $" of '{name}'" : "";
        var found = check.Outcome == Outcome.Errored ? $"could not be computed ({check.Message})" : FormattableString.Invariant($"is {check.Value:0.######}");
        return $"{check.Check}{column} {found}, expected {check.Expectation} ({check.Severity.ToString().ToLowerInvariant()})";
    }
}
