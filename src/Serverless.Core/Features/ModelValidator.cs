using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Features;

/// <summary>Lets <see cref="FeatureCompiler.Validate"/> take part in the loading of a workspace.</summary>
public sealed class ModelValidator : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal)
            .Where(m => workspace.Datasets.ContainsKey(m.Dataset))
            .SelectMany(m => FeatureCompiler.Validate(m, workspace.Datasets[m.Dataset]));
}
