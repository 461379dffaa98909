using System.Text.Json;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Training;

/// <summary>Looks at the check results beside partitions: a check of severity error or critical that did not pass stops training on its partition.</summary>
internal sealed class PartitionVerdicts(IObjectStore objects)
{
    private const int ReadsAtOnce = 16;

    /// <exception cref="DataException">Names each partition and check, with the figures.</exception>
    public async Task RequireAsync(IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel)
    {
        var failures = new List<string>[partitions.Count];
        await Parallel.ForAsync(0, partitions.Count, new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancel }, async (i, token) =>
            failures[i] = [.. (await ReadAsync(partitions[i], token)).Where(Stops).Select(c => Describe(partitions[i], c))]);
        var all = failures.SelectMany(f => f).ToArray();
        if (all.Length == 0) return;
        var more = all.Length > 5 ? $" (and {all.Length - 5} more)" : "";
        throw new DataException($"checks forbid training: {string.Join("; ", all.Take(5))}{more}. Ingest a corrected drop under the same name, or change the check's severity");
    }

    private static bool Stops(CheckResult check) => check.Severity >= Severity.Error && (check.Outcome is Outcome.Failed or Outcome.Errored);

    private static string Describe(PartitionRecord partition, CheckResult check)
    {
        var column = check.Column is { } name ? $" of '{name}'" : "";
        var found = check.Outcome == Outcome.Errored ? $"could not be computed ({check.Message})" : FormattableString.Invariant($"is {check.Value:0.######}");
        return $"partition {partition.Key} ({partition.Id}): {check.Check}{column} {found}, expected {check.Expectation} ({check.Severity.ToString().ToLowerInvariant()})";
    }

    private async Task<IReadOnlyList<CheckResult>> ReadAsync(PartitionRecord partition, CancellationToken cancel)
    {
        var key = Path.ChangeExtension(partition.Entry.Path, ".checks.json");
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return [];
        try
        {
            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancel);
            var root = document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.GetProperty("checks") : document.RootElement;
            return root.Deserialize<IReadOnlyList<CheckResult>>(ServerlessJson.Options) ?? [];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw new DataException($"the check results of partition {partition.Key} cannot be read ('{key}'): {e.Message}", e);
        }
    }
}
