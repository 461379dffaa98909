using System.Globalization;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The section <c>outliers</c> of a model file: true, false, or a mapping.</summary>
internal static class OutliersSection
{
    private const string Expected = "true, or a mapping such as '{ contamination: 0.01 }'";

    public static OutliersDefinition? Read(Section parent, ProblemLog problems)
    {
        switch (parent.Node("outliers"))
        {
            case null: return null;
            case YamlScalar word when bool.TryParse(word.Text, out var on): return on ? new OutliersDefinition() : null;
            case YamlMap map: return Terms(new Section(map, "outliers", parent.File, problems));
            case { } other:
                parent.Error(other, $"'outliers' must be {Expected}.");
                return null;
        }
    }

    private static OutliersDefinition Terms(Section s)
    {
        var terms = new OutliersDefinition();
        var contamination = s.Number("contamination", 0, 0.5);
        if (contamination == 0)
        {
            s.Error(s.At("contamination"), "'contamination' must be above 0: it is the share of the training rows that is to count as unusual.");
            contamination = null;
        }

        var limit = s.Number("limit", 0, 1);
        if (limit == 0) s.Error(s.At("limit"), "'limit' must be above 0: it is the share of flagged predictions above which somebody is told.");
        return terms with
        {
            Contamination = contamination ?? terms.Contamination, Trees = Whole(s, "trees", 0, 1000) ?? terms.Trees, Sample = Whole(s, "sample", 8, 4096) ?? terms.Sample,
            Rare = s.Number("rare", 0, 0.5) ?? terms.Rare, Limit = limit > 0 ? limit : null,
        };
    }

    private static int? Whole(Section s, string key, int min, int max)
    {
        if (s.Number(key, min, max) is not { } value) return null;
        if (value == Math.Floor(value)) return (int)value;
        s.Error(s.At(key), string.Create(CultureInfo.InvariantCulture, $"'{key}' must be a whole number, not {value}."));
        return null;
    }
}
