using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Sources.Sql;

/// <summary>Providers that the host has.</summary>
internal sealed class ProviderValidator(IEnumerable<SqlProvider> providers) : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) =>
        from dataset in workspace.Datasets.Values
        from source in dataset.Sources.OfType<SqlSource>()
        where providers.All(p => p.Name != source.Provider)
        select new Problem($"source '{source.Name}': there is no database provider '{source.Provider}'.{Suggest.Hint(source.Provider, providers.Select(p => p.Name))}", dataset.File, source.Line, source.Column);
}
