using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Search;

/// <summary>The workspace as it was when a search began: files that change meanwhile change nothing about its trials.</summary>
internal sealed class SearchDefinitions(Workspace workspace, CandidateStore candidates)
{
    public Task KeepAsync(string search, string model, CancellationToken cancel) => candidates.PutDefinitionAsync(search, workspace, model, cancel);

    public async Task<Workspace> OfAsync(string search, CancellationToken cancel) =>
        await candidates.DefinitionAsync(search, cancel) is { } kept && kept.Hash != workspace.Hash ? WorkspaceLoader.Recorded(workspace, kept.Sources, kept.Hash) : workspace;
}
