using Serverless.Feedback;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Performance;

/// <summary>Figures of joined predictions by version and variant.</summary>
internal static class RealisedGroups
{
    private const int MostOpinions = 20;

    /// <param name="schemas">Of the versions; a version that is gone is counted, not judged.</param>
    public static IReadOnlyList<RealisedGroup> Of(ModelDefinition model, IEnumerable<JoinedPrediction> predictions, IReadOnlyDictionary<int, ModelSchema?> schemas, TimeSpan skew) =>
        [.. predictions.GroupBy(p => (p.Version, p.Part)).OrderBy(g => g.Key.Version).ThenBy(g => g.Key.Part, StringComparer.Ordinal).Select(g => Group(model, g.Key.Version, g.Key.Part, [.. g], schemas.GetValueOrDefault(g.Key.Version), skew))];

    private static RealisedGroup Group(ModelDefinition model, int version, string part, List<JoinedPrediction> all, ModelSchema? schema, TimeSpan skew)
    {
        var judged = schema is null || schema.Task != model.Task ? [] : all.Where(p => RealisedRows.IsLabelled(p, schema)).ToList();
        var (metrics, undefined) = schema is null ? (new Dictionary<string, double>(), null) : RealisedFigures.Of(model, schema, judged);
        int seen = all.Count(p => p.Seen == true), used = all.Count(p => p.Used == true);
        var opinions = all.Select(p => p.Opinion).OfType<string>().GroupBy(o => o, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(MostOpinions)
            .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return new RealisedGroup
        {
            Version = version, Variant = part, Predictions = all.Count, Labelled = all.Count(p => p.Actual is not null), Metrics = metrics,
            Undefined = schema is null ? new Dictionary<string, string> { ["*"] = "this version is not in the registry any more" } : undefined,
            Seen = seen, NotSeen = all.Count(p => p.Seen == false), Used = used, Acceptance = seen > 0 ? (double)used / seen : null, Opinions = opinions.Count > 0 ? opinions : null,
            Corrections = all.Sum(p => p.Corrections), BeforePrediction = all.Count(p => p.IsEarly(skew)),
        };
    }
}
