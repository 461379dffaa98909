using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The section <c>fairness</c> of a model file.</summary>
internal static class FairnessSection
{
    private const string Expected = "columns or named expressions, such as '[origin, { far: distance > 1000 }]'";

    public static FairnessDefinition? Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("fairness", "a mapping, such as '{ groups: [origin] }'") is not { } map) return null;
        var s = new Section(map, "fairness", parent.File, problems);
        if (s.Node("groups") is null) s.Missing("groups", Expected);
        var groups = new List<GroupDefinition>();
        foreach (var (name, by) in Named(s))
        {
            if (by is not YamlScalar expression) s.Error(by, $"group '{name}' must be an expression over columns.");
            else if (groups.Exists(g => g.Name == name)) s.Error(by, $"group '{name}' is given twice.");
            else groups.Add(new GroupDefinition(name, new ExpressionText(expression.Text, expression.Line, expression.Column)));
        }

        if (s.Node("groups") is YamlList { Items.Count: 0 } or YamlMap { Entries.Count: 0 }) s.Error(s.At("groups"), $"'groups' is empty; expected {Expected}.");
        var minRows = s.Number("minRows", 1, int.MaxValue);
        if (minRows is { } rows && rows != Math.Floor(rows)) s.Error(s.At("minRows"), "'minRows' must be a whole number.");
        return new FairnessDefinition
        {
            Groups = groups, MinRows = (int)(minRows ?? FairnessDefinition.DefaultMinRows), Confidence = GateSection.Confidence(s) ?? GateDefinition.DefaultConfidence, Line = map.Line,
        };
    }

    private static IEnumerable<(string Name, YamlNode By)> Named(Section s)
    {
        switch (s.Node("groups"))
        {
            case YamlScalar one: yield return (one.Text, one); break;
            case YamlMap map: foreach (var entry in map.Entries) yield return (entry.Key.Text, entry.Value); break;
            case YamlList list:
                foreach (var item in list.Items)
                {
                    if (item is YamlScalar plain) yield return (plain.Text, plain);
                    else if (item is YamlMap { Entries: [var only] }) yield return (only.Key.Text, only.Value);
                    else s.Error(item, $"'groups' must be {Expected}.");
                }

                break;
        }
    }
}
