using System.Runtime.CompilerServices;
using Serverless.Erasure;
using Serverless.Storage;

namespace Serverless.FeatureViews.Online;

/// <summary>
/// What online tables hold of a dataset's rows. When rows are erased, the tables made of them go at once, with the refresh before, and are made again of what is left: until then their values are missing.
/// </summary>
internal sealed class OnlineRows(OnlineSources sources, OnlineTable online, IObjectStore objects) : IRowHolder
{
    public string Name => "feature views online";

    public RowForm Form => RowForm.Typed;

    /// <summary>None: values by key are not rows of the dataset, and are not searched but made again.</summary>
    public async IAsyncEnumerable<string> FilesAsync(string dataset, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        yield break;
    }

    public async Task ForgetAsync(string dataset, IReadOnlyCollection<string> partitions, CancellationToken cancel = default)
    {
        foreach (var source in sources.Names.Where(s => sources.DatasetOf(s) == dataset).ToArray())
        {
            foreach (var generation in await online.ClearAsync(source, cancel)) await objects.DeleteAsync(MaterialiseRun.KeyOf(generation), cancel);
        }
    }
}
