using System.Text.Json;
using Serverless.Checks;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>The check results that count for a partition: those of its period as a whole, where several partitions make it up.</summary>
internal sealed class PartitionResults(IObjectStore objects)
{
    /// <exception cref="DataException">What stands beside the partition cannot be read.</exception>
    public async Task<IReadOnlyList<CheckResult>> ReadAsync(PartitionRecord partition, CancellationToken cancel)
    {
        if (partition.Verdict is { } verdict) return verdict.Checks;
        var key = Path.ChangeExtension((partition.JudgedWith ?? partition.Entry).Path, ".checks.json");
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return [];
        try
        {
            return (await JsonSerializer.DeserializeAsync<PartitionChecks>(stream, ServerlessJson.Options, cancel))?.Checks ?? [];
        }
        catch (JsonException e)
        {
            throw new DataException($"the check results of partition {partition.Key} cannot be read ('{key}'): {e.Message}", e);
        }
    }
}
