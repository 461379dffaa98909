using System.Globalization;
using Serverless.Models;

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
            Guards = [.. GuardList.Read(s, problems)], OnFailure = s.Choice<GateFailure>("onFailure") ?? GateFailure.KeepChampion, Line = map.Line,
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
}
