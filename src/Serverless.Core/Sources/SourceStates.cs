using Serverless.Workspaces;

namespace Serverless.Sources;

/// <summary>How a source stands, for people.</summary>
/// <param name="Until">Watermark: how far it was read.</param>
/// <param name="Last">The last pull that ended.</param>
public sealed record SourceState(string Name, string Kind, string? Schedule, string? Until, PullOutcome? Last);

public interface ISourceStates
{
    Task<IReadOnlyList<SourceState>> ListAsync(string dataset, CancellationToken cancel = default);
}

internal sealed class SourceStates(Workspace workspace, SourceRecords records) : ISourceStates
{
    public async Task<IReadOnlyList<SourceState>> ListAsync(string dataset, CancellationToken cancel = default)
    {
        var states = new List<SourceState>();
        foreach (var source in workspace.Dataset(dataset).Sources)
        {
            var (memory, _) = await records.MemoryAsync(dataset, SourceRecords.MarkRow(source.Name, null), cancel);
            states.Add(new SourceState(source.Name, source.Kind, source.Schedule, memory.Mark.Until, await records.LastAsync(dataset, source.Name, cancel)));
        }

        return states;
    }
}
