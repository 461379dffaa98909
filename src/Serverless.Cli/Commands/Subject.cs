using Serverless.Cli.Hosting;
using Serverless.Partitions;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary>What <c>check</c> and <c>profile</c> are asked about: a file on this machine or a dataset of the workspace.</summary>
internal static class Subject
{
    /// <summary>The file's full path, or null when the word can only be a dataset. Throws when it can be neither.</summary>
    public static string? File(CommandContext context, string word, Func<IEnumerable<string>> datasets)
    {
        var path = context.FullPath(word);
        if (System.IO.File.Exists(path)) return path;
        if (Directory.Exists(path) && word.IndexOfAny(['/', '\\']) >= 0) throw new RequestException($"'{word}' is a folder; name a file in it.");
        return word.IndexOfAny(['/', '\\', '.']) >= 0 && !datasets().Contains(word) ? throw new FileNotFoundException($"file '{word}' does not exist") : null;
    }

    /// <summary>The current partitions of a dataset, or those of one period. Throws when there are none: nothing to look at is no success.</summary>
    public static async Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(OpenWorkspace open, string dataset, string? period, AsOf? asOf, CancellationToken cancel)
    {
        open.Workspace.Dataset(dataset);
        var all = await open.Get<IDatasetHistory>().PartitionsAsync(dataset, asOf, cancel);
        if (all.Count == 0) throw new DataException($"dataset '{dataset}' has no partitions yet. Bring it data with 'serverless-ml ingest {dataset} FILE...'.");
        if (period is null) return all;
        var some = all.Where(p => Dates.IsWithin(p.Key, period)).ToArray();
        return some.Length > 0 ? some : throw new DataException($"dataset '{dataset}' has no partition for '{period}'. It has {all.Count}, from {all[0].Key} to {all[^1].Key}.");
    }
}
