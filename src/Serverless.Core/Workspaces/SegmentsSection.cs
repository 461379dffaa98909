using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The section <c>segments</c> of a model file.</summary>
internal static class SegmentsSection
{
    private const int Longest = 63;

    public static SegmentsDefinition? Read(Section parent, string? model, ProblemLog problems)
    {
        if (parent.MapOf("segments", "a mapping, such as '{ default: others, parts: [{ name: long-haul, when: distance > 1500 }] }'") is not { } map) return null;
        var s = new Section(map, "segments", parent.File, problems);
        if (s.Node("default") is null) s.Missing("default", "a name for the rows of no segment, which the model itself answers");
        var fallback = s.Name("default");
        var memory = s.Number("memory", 1, 1_000_000);
        if (s.Node("parts") is null) s.Missing("parts", "a list of segments, such as '[{ name: long-haul, when: distance > 1500 }]'");
        var parts = new List<SegmentPart>();
        foreach (var item in s.ListOf("parts", "a list of segments, such as '[{ name: long-haul, when: distance > 1500 }]'"))
        {
            if (item is not YamlMap entry)
            {
                s.Error(item, "a segment must be a mapping, such as '{ name: long-haul, when: distance > 1500 }'.");
                continue;
            }

            var part = new Section(entry, "segment", parent.File, problems);
            if (part.Node("name") is null) part.Missing("name", "a name");
            if (part.Node("when") is null) part.Missing("when", "a condition over columns, such as 'distance > 1500'");
            var (name, when) = (part.Name("name"), part.Scalar("when", "a condition over columns, such as 'distance > 1500'"));
            if (name is not null && name == fallback) s.Error(part.At("name"), $"segment '{name}' has the name of the default.");
            else if (name is not null && parts.Exists(p => p.Name == name)) s.Error(part.At("name"), $"segment '{name}' is given twice.");
            else if (name is not null && model is not null && SegmentsDefinition.NameOf(model, name).Length > Longest) s.Error(part.At("name"), $"'{SegmentsDefinition.NameOf(model, name)}' would be its name in the registry, longer than {Longest}; choose a shorter one.");
            else if (name is not null && when is not null) parts.Add(new SegmentPart(name, new ExpressionText(when.Text, when.Line, when.Column)));
        }

        if (s.Node("parts") is YamlList { Items.Count: 0 }) s.Error(s.At("parts"), "'parts' is empty; without segments leave 'segments' out.");
        return fallback is null || parts.Count == 0 ? null : new SegmentsDefinition { Default = fallback, Parts = parts, Memory = memory is { } m ? (long)(m * (1 << 20)) : 512L << 20 };
    }
}
