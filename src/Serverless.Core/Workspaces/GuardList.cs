using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The key <c>guards</c> of a gate or a rollout. What guards there are, and what they take, is judged later: they know it themselves.</summary>
internal static class GuardList
{
    // A list of guards, each naming itself, or a mapping from the name to its settings (or to a list of them).
    public static IEnumerable<GuardDefinition> Read(Section s, ProblemLog problems)
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
