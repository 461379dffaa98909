using System.Runtime.CompilerServices;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Erasure;

/// <summary>The prediction logs of the models that learn from the dataset.</summary>
internal sealed class LoggedPredictions(IObjectStore objects, Workspace workspace) : IRowHolder
{
    public string Name => "predictions";

    public RowForm Form => RowForm.Predictions;

    public async IAsyncEnumerable<string> FilesAsync(string dataset, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        foreach (var model in workspace.Models.Values.Where(m => m.Dataset == dataset))
        {
            await foreach (var found in objects.ListAsync($"{StoreNames.Containers.Predictions}/{model.Name}/", cancel: cancel))
            {
                if (found.Key.EndsWith(".parquet", StringComparison.Ordinal)) yield return found.Key;
            }
        }
    }
}
