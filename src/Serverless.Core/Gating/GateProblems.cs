using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Gating;

/// <summary>Everything that is wrong with the guards and the groups of a model file, each where it stands.</summary>
internal static class GateProblems
{
    public static IEnumerable<Problem> Of(ModelDefinition model, DatasetDefinition dataset, IReadOnlyDictionary<string, IGuard> guards)
    {
        foreach (var group in model.Fairness?.Groups ?? [])
        {
            if (Group(group, model, dataset) is { } problem) yield return problem;
        }

        foreach (var definition in model.Gate.Guards)
        {
            foreach (var problem in Guard(definition, model, dataset, guards)) yield return problem;
        }
    }

    private static IEnumerable<Problem> Guard(GuardDefinition definition, ModelDefinition model, DatasetDefinition dataset, IReadOnlyDictionary<string, IGuard> guards)
    {
        if (!guards.TryGetValue(definition.Guard, out var guard))
        {
            return [new Problem($"unknown guard '{definition.Guard}'.{Suggest.Hint(definition.Guard, guards.Keys)}", model.File, definition.Line, definition.Column)];
        }

        var problems = new List<Problem>();
        foreach (var (name, value) in definition.Settings)
        {
            var setting = guard.Settings.FirstOrDefault(s => s.Name == name);
            var wrong = setting is null ? $"guard '{guard.Name}' has no setting '{name}'.{Suggest.Hint(name, guard.Settings.Select(s => s.Name))}"
                : setting.Problem(value) is { } p ? $"guard '{guard.Name}': {p}" : null;
            if (wrong is not null) problems.Add(new Problem(wrong, model.File, value.Line, value.Column));
        }

        foreach (var missing in guard.Settings.Where(s => s.Required && !definition.Settings.ContainsKey(s.Name)))
        {
            problems.Add(new Problem($"guard '{guard.Name}' needs '{missing.Name}'.", model.File, definition.Line, definition.Column));
        }

        if (problems.Count > 0) return problems;
        var settings = new GuardSettings(definition);
        foreach (var (name, problem) in guard.Problems(settings, model))
        {
            var at = name is not null && definition.Settings.TryGetValue(name, out var value) ? (value.Line, value.Column) : (definition.Line, definition.Column);
            problems.Add(new Problem($"guard '{guard.Name}' {problem}", model.File, at.Line, at.Column));
        }

        return problems.Count > 0 ? problems : [.. guard.Groups(settings, model).Select(g => Group(g, model, dataset)).OfType<Problem>()];
    }

    private static Problem? Group(GroupDefinition group, ModelDefinition model, DatasetDefinition dataset)
    {
        try
        {
            FeatureCompiler.Compile(group.By, FeatureCompiler.SchemaOf(dataset), $"group '{group.Name}'", model.File);
            return null;
        }
        catch (ConfigurationException e)
        {
            return e.Problems[0];
        }
    }
}
