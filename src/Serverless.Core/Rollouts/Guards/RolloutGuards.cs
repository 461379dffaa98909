using System.Collections.Frozen;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Rollouts;

/// <summary>The guards of rollouts that exist, by name; judges the sections of model files, and rollouts.</summary>
internal sealed class RolloutGuards(IEnumerable<IRolloutGuard> guards) : IWorkspaceValidator
{
    /// <summary>Guards of a rollout that names none.</summary>
    public static readonly IReadOnlyList<GuardDefinition> Default = [new("errors", new Dictionary<string, Datasets.Parameter>()), new("latency", new Dictionary<string, Datasets.Parameter>())];

    private readonly FrozenDictionary<string, IRolloutGuard> byName = guards.ToFrozenDictionary(g => g.Name, StringComparer.Ordinal);

    /// <summary>Outcomes that the guards of a rollout read.</summary>
    public IEnumerable<string?> Metrics(RolloutDefinition terms) => (terms.Guards ?? Default).SelectMany(g => byName[g.Guard].Metrics(new GuardSettings(g)));

    /// <summary>What every guard of a rollout says, in the order of the file.</summary>
    public IReadOnlyList<GuardVerdict> Judge(RolloutRecord rollout, RolloutEvidence evidence) =>
        [.. (rollout.Terms.Guards ?? Default).Select(g => byName[g.Guard].Judge(new GuardSettings(g), rollout, evidence))];

    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal).SelectMany(m => (m.Rollout.Guards ?? []).SelectMany(g => Problems(g, m.File)));

    private IEnumerable<Problem> Problems(GuardDefinition definition, string file)
    {
        if (!byName.TryGetValue(definition.Guard, out var guard))
        {
            yield return new Problem($"unknown guard '{definition.Guard}' of a rollout.{Suggest.Hint(definition.Guard, byName.Keys)}", file, definition.Line, definition.Column);
            yield break;
        }

        foreach (var (name, value) in definition.Settings)
        {
            var setting = guard.Settings.FirstOrDefault(s => s.Name == name);
            var wrong = setting is null ? $"guard '{guard.Name}' has no setting '{name}'.{Suggest.Hint(name, guard.Settings.Select(s => s.Name))}"
                : setting.Problem(value) is { } p ? $"guard '{guard.Name}': {p}" : null;
            if (wrong is not null) yield return new Problem(wrong, file, value.Line, value.Column);
        }

        foreach (var missing in guard.Settings.Where(s => s.Required && !definition.Settings.ContainsKey(s.Name))) yield return new Problem($"guard '{guard.Name}' needs '{missing.Name}'.", file, definition.Line, definition.Column);
    }
}
