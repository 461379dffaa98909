using System.Runtime.CompilerServices;
using Serverless.Erasure;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>Rows that batches kept beside their predictions, and those that wait to be scored.</summary>
internal sealed class BatchedRows(IObjectStore objects, IBatches batches, Workspace workspace) : IRowHolder
{
    public string Name => "batches";

    public RowForm Form => RowForm.Typed;

    public IAsyncEnumerable<string> FilesAsync(string dataset, CancellationToken cancel = default) => OfAsync(objects, batches, workspace, dataset, name => name.StartsWith("predictions", StringComparison.Ordinal) || name.StartsWith("input/", StringComparison.Ordinal), cancel);

    internal static async IAsyncEnumerable<string> OfAsync(IObjectStore objects, IBatches batches, Workspace workspace, string dataset, Func<string, bool> wanted, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var model in workspace.Models.Values.Where(m => m.Dataset == dataset))
        {
            await foreach (var batch in batches.ListAsync(model.Name, cancel))
            {
                var folder = $"{StoreNames.Containers.Runs}/{batch.Run}/";
                await foreach (var found in objects.ListAsync(folder, cancel: cancel))
                {
                    if (found.Key.EndsWith(".parquet", StringComparison.Ordinal) && wanted(found.Key[folder.Length..])) yield return found.Key;
                }
            }
        }
    }
}

/// <summary>Rows that batches could not score.</summary>
internal sealed class BatchRejects(IObjectStore objects, IBatches batches, Workspace workspace) : IRowHolder
{
    public string Name => "rejects of batches";

    public RowForm Form => RowForm.Text;

    public IAsyncEnumerable<string> FilesAsync(string dataset, CancellationToken cancel = default) =>
        BatchedRows.OfAsync(objects, batches, workspace, dataset, name => name.StartsWith("rejects", StringComparison.Ordinal), cancel);
}
