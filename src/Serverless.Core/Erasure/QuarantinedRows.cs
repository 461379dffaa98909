using System.Runtime.CompilerServices;
using Serverless.Partitions;
using Serverless.Storage;

namespace Serverless.Erasure;

internal sealed class QuarantinedRows(IObjectStore objects) : IRowHolder
{
    public string Name => "quarantine";

    public RowForm Form => RowForm.Text;

    /// <summary>The drop whose bad rows a quarantine file holds; null when it was never committed.</summary>
    public static Commit? DropOf(string dataset, string key, IReadOnlyList<Commit> commits)
    {
        var (period, id) = (PeriodOf(dataset, key), Path.GetFileNameWithoutExtension(key[(key.LastIndexOf('/') + 1)..]));
        return commits.FirstOrDefault(c => PartitionKey.Id(c.Drop, c.ContractVersion, period) == id);
    }

    /// <summary>The period of a quarantine file's rows, or <see cref="PartitionKey.Unknown"/>.</summary>
    public static string PeriodOf(string dataset, string key)
    {
        var path = key[$"{StoreNames.Containers.Quarantine}/{dataset}/".Length..];
        return PartitionKey.OfFolder(path[..path.LastIndexOf('/')]);
    }

    /// <summary>The files with quarantined rows; not the drops that were rejected as a whole.</summary>
    public static async IAsyncEnumerable<ObjectInfo> ListAsync(IObjectStore objects, string dataset, [EnumeratorCancellation] CancellationToken cancel)
    {
        var folder = $"{StoreNames.Containers.Quarantine}/{dataset}/";
        await foreach (var found in objects.ListAsync(folder, cancel: cancel))
        {
            if (found.Key.EndsWith(".parquet", StringComparison.Ordinal) && !found.Key.StartsWith(folder + "_rejected/", StringComparison.Ordinal)) yield return found;
        }
    }

    public async IAsyncEnumerable<string> FilesAsync(string dataset, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var found in ListAsync(objects, dataset, cancel)) yield return found.Key;
    }
}
