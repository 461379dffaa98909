using Serverless.Problems;

namespace Serverless.Workspaces;

/// <summary>
/// Checks a part of the workspace that the loader cannot judge (expressions, check names, hyperparameters), so that its problems stand in the same report.
/// Sees the datasets and models that could be read; a model is among them only when its dataset is.
/// </summary>
public interface IWorkspaceValidator
{
    /// <summary>Everything that is wrong, with file, line and column where they are known. Does not throw for a wrong file.</summary>
    IEnumerable<Problem> Validate(Workspace workspace);
}
