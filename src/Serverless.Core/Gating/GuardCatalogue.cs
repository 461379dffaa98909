using System.Collections.Frozen;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Gating;

/// <summary>The guards that exist, by name.</summary>
internal sealed class GuardCatalogue(IEnumerable<IGuard> guards) : IWorkspaceValidator
{
    private readonly FrozenDictionary<string, IGuard> byName = guards.ToFrozenDictionary(g => g.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => byName.Keys;

    public IGuard this[string name] => byName[name];

    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal).Where(m => workspace.Datasets.ContainsKey(m.Dataset))
            .SelectMany(m => GateProblems.Of(m, workspace.Datasets[m.Dataset], byName));

    /// <summary>Every expression by which the guards and the fairness section of a model group rows.</summary>
    public IEnumerable<GroupDefinition> Groups(ModelDefinition model) =>
        (model.Fairness?.Groups ?? []).Concat(model.Gate.Guards.Where(g => byName.ContainsKey(g.Guard)).SelectMany(g => byName[g.Guard].Groups(new GuardSettings(g), model)));

    /// <summary>Columns that those expressions read.</summary>
    public IReadOnlyCollection<string> Columns(ModelDefinition model, Serverless.Datasets.DatasetDefinition dataset) =>
        [.. Groups(model).SelectMany(g => Grouping.Reads(g.By, dataset, model.File)).Distinct(StringComparer.Ordinal)];
}
