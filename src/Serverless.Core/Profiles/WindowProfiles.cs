using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Profiles;

/// <summary>
/// The profile of any set of partitions, from the states that lie beside them. Only where those are missing (an older program wrote them) or have other types than the
/// contract of today, the rows are read.
/// </summary>
internal sealed class WindowProfiles(Workspace workspace, IObjectStore objects, IDataEngine engine)
{
    private const int AtOnce = 16;

    public async Task<ProfileState> StateAsync(string dataset, IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel)
    {
        var definition = workspace.Dataset(dataset);
        var states = new ProfileState?[partitions.Count];
        await Parallel.ForAsync(0, states.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (i, stop) => states[i] = await StoredAsync(partitions[i], definition, stop));
        var together = ProfileState.Empty(definition.Columns);
        foreach (var state in states.OfType<ProfileState>()) together.Merge(state.Of(definition.Columns));
        var unread = partitions.Where((_, i) => states[i] is null).ToList();
        if (unread.Count > 0) together.Merge(await ReadAsync(unread, definition, cancel));
        return together;
    }

    private async Task<ProfileState?> StoredAsync(PartitionRecord partition, DatasetDefinition definition, CancellationToken cancel)
    {
        var key = Path.ChangeExtension(partition.Entry.Path, ".profile.json");
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return null;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancel);
        return StoredProfile.ReadState(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), key) is { } state && state.Fits(definition.Columns) ? state : null;
    }

    private async Task<ProfileState> ReadAsync(IReadOnlyList<PartitionRecord> partitions, DatasetDefinition definition, CancellationToken cancel)
    {
        var files = new List<LocalObject>(partitions.Count);
        try
        {
            foreach (var partition in partitions) files.Add(await objects.MaterialiseAsync(partition.Entry.Path, cancel));
            return (await engine.InspectAsync([.. files.Select(f => f.Path)], definition, cancel)).Profile.State!;
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }
}
