using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Monitoring;

/// <summary>The profile of the window that a version learned from, merged from the profiles of its partitions without reading their rows. A partition at the beginning of the window counts as a whole.</summary>
internal sealed class ReferenceProfiles(Workspace workspace, IDatasetHistory history, IObjectStore objects)
{
    /// <summary>As the partitions are now, where some were rewritten since.</summary>
    public async Task<Profile> OfAsync(Lineage lineage, CancellationToken cancel)
    {
        var all = await history.PartitionsAsync(lineage.Dataset, AsOf.AtVersion(lineage.DatasetVersion), cancel);
        return await MergeAsync(lineage.Dataset, [.. all.Where(p => PartitionKey.Period(p.Key) is { } period && period.End > lineage.TrainFrom && period.Start < lineage.Until)], cancel);
    }

    public async Task<Profile> MergeAsync(string dataset, IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel)
    {
        var columns = workspace.Dataset(dataset).Columns;
        var merged = ProfileState.Empty(columns);
        foreach (var partition in partitions)
        {
            // A profile of before profiles could be merged, or of a column that had another type, has no part in it; the sample has.
            if (await StateAsync(PartitionKey.DataPath(dataset, partition.Key, partition.Id, ".profile.json"), cancel) is { } state && state.Fits(columns)) merged.Merge(state);
        }

        return merged.ToProfile();
    }

    private async Task<ProfileState?> StateAsync(string path, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(path, cancel);
        if (stream is null) return null;
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancel);
        try
        {
            return StoredProfile.ReadState(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), path);
        }
        catch (DataException)
        {
            return null; // a damaged profile does not stop a training; whoever asks for it is told
        }
    }
}
