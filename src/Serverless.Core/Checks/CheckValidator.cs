using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Checks;

/// <summary>The checks of every dataset file, as part of the workspace's own report.</summary>
internal sealed class CheckValidator(ICheckCatalogue checks) : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Datasets.Values.OrderBy(d => d.Name, StringComparer.Ordinal).SelectMany(checks.Validate);
}
