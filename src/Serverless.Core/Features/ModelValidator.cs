using Serverless.Problems;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Features;

/// <summary>Lets <see cref="FeatureCompiler.Validate"/> take part in the loading of a workspace.</summary>
/// <param name="trainers">Trainers of this process; those of the product are known without.</param>
public sealed class ModelValidator(IEnumerable<ITrainer>? trainers = null) : IWorkspaceValidator
{
    private readonly TrainerDescription[] others = [.. (trainers ?? []).Where(t => KnownTrainers.All.All(k => k.Name != t.Name)).Select(KnownTrainers.Describe)];

    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal)
            .Where(m => workspace.Datasets.ContainsKey(m.Dataset))
            .SelectMany(m => FeatureCompiler.Validate(m, workspace.Datasets[m.Dataset], others));
}
