using System.Globalization;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The section <c>gate</c> of a model file. What guards there are, and what they take, is judged later: they know it themselves.</summary>
internal static class GateSection
{
    public static GateDefinition Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("gate", "a mapping, such as '{ metric: auc, min: 0.6 }'") is not { } map) return new GateDefinition { Line = parent.Map.Line };
        var s = new Section(map, "gate", parent.File, problems);
        double? min = s.Number("min"), max = s.Number("max");
        if (min > max) s.Error(s.At("min"), string.Create(CultureInfo.InvariantCulture, $"gate: min {min} is greater than max {max}, so no model could pass."));
        return new GateDefinition
        {
            Metric = s.Text("metric"), Min = min, Max = max, Tolerance = s.Number("tolerance", 0) ?? 0, Confidence = Confidence(s), Decide = s.Choice<GateDecision>("decide"),
            Guards = [.. Guards(s, problems)], OnFailure = s.Choice<GateFailure>("onFailure") ?? GateFailure.KeepChampion, Line = map.Line,
        };
    }

    /// <summary>Between a half, which says nothing, and 1, which nothing fulfils.</summary>
    public static double? Confidence(Section s)
    {
        var value = s.Number("confidence");
        if (value is null or (>= 0.5 and < 1)) return value;
        s.Error(s.At("confidence"), string.Create(CultureInfo.InvariantCulture, $"'confidence' must be at least 0.5 and below 1, such as 0.95, not {value}."));
        return null;
    }

    // A list of guards, each naming itself, or a mapping from the name to its settings (or to a list of them).
    private static IEnumerable<GuardDefinition> Guards(Section s, ProblemLog problems)
    {
        const string expected = "a list of guards, such as '- { guard: size, max: 20MB }', or a mapping from their names";
        switch (s.Node("guards"))
        {
            case null: yield break;
            case YamlList list:
                foreach (var item in list.Items)
                {
                    if (item is not YamlMap map) s.Error(item, $"'guards' must be {expected}.");
                    else if (Listed(map, s.File, problems) is { } guard) yield return guard;
                }

                yield break;
            case YamlMap map:
                foreach (var (key, value) in map.Entries.Select(e => (e.Key, e.Value)))
                {
                    foreach (var one in value is YamlList several ? several.Items : [value])
                    {
                        if (one is YamlMap settings) yield return new GuardDefinition(key.Text, new Section(settings, "guard", s.File, problems, open: true).Others(), key.Line, key.Column);
                        else if (one is YamlScalar { IsNull: true }) yield return new GuardDefinition(key.Text, new Dictionary<string, Serverless.Datasets.Parameter>(), key.Line, key.Column);
                        else s.Error(one, $"guard '{key.Text}' must be a mapping of its settings, such as '{{ max: 20MB }}'.");
                    }
                }

                yield break;
            case { } other:
                s.Error(other, $"'guards' must be {expected}.");
                yield break;
        }
    }

    private static GuardDefinition? Listed(YamlMap map, string file, ProblemLog problems)
    {
        var s = new Section(map, "guard", file, problems, open: true);
        if (s.Node("guard") is null) s.Missing("guard", "the name of a guard");
        return s.Scalar("guard", "the name of a guard") is { } name ? new GuardDefinition(name.Text, s.Others(), name.Line, name.Column) : null;
    }
}
