using Serverless.Problems;

namespace Serverless.Workspaces;

/// <summary>
/// A workspace as read, with what is wrong so far: a host registers its services with <see cref="Workspace"/>, and then asks for the accepted workspace with the
/// validators that those services brought.
/// </summary>
public sealed class WorkspaceDraft(Workspace workspace, IReadOnlyList<Problem> problems)
{
    /// <summary>What could be read.</summary>
    public Workspace Workspace { get; } = workspace;

    /// <summary>What is wrong so far.</summary>
    public IReadOnlyList<Problem> Problems { get; } = problems;

    /// <summary>The workspace when nothing is wrong. Throws one <see cref="ConfigurationException"/> with every problem of all files otherwise.</summary>
    public Workspace Accept(IEnumerable<IWorkspaceValidator>? validators = null)
    {
        var all = Problems.Concat((validators ?? []).SelectMany(v => v.Validate(Workspace)))
            .Distinct()
            .OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column).ThenBy(p => p.Message, StringComparer.Ordinal)
            .ToArray();
        return all.Length == 0 ? Workspace : throw new ConfigurationException(all);
    }
}
