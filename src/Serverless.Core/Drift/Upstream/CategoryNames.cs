using System.Globalization;
using Serverless.Drift.Samples;

namespace Serverless.Drift.Upstream;

/// <summary>Categories that one side has and the other lacks, and whether that says anything: rare ones come and go by chance.</summary>
internal static class CategoryNames
{
    public const int MostNamed = 10;
    private const double Surprise = 0.001;

    /// <summary>As people would read it: without blanks around, single blanks within, one case.</summary>
    public static string Normal(string label) => string.Join(' ', label.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();

    /// <summary>Whether both are columns of categories, not of free text.</summary>
    public static (CategoricalSample Reference, CategoricalSample Current)? Of(ColumnSample reference, ColumnSample current) =>
        reference is CategoricalSample { Count: > 0 } a && current is CategoricalSample { Count: > 0 } b && !TextParts.IsText(a) && !TextParts.IsText(b) ? (a, b) : null;

    /// <summary>Categories of <paramref name="some"/> that <paramref name="others"/> lack, most frequent first.</summary>
    public static (string Label, long Count)[] Lacking(CategoricalSample some, CategoricalSample others)
    {
        var known = others.Labels.ToHashSet(StringComparer.Ordinal);
        return [.. some.Labels.Zip(some.Counts).Where(c => !known.Contains(c.First)).OrderByDescending(c => c.Second).ThenBy(c => c.First, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Whether categories that one side lacks are more than chance. A category of k rows is on one side only with probability q^k, q being the share of that side's rows
    /// among all; among many rare categories some always are, so the chance is counted for every choice of as many among those of the other side that are as rare.
    /// </summary>
    public static bool IsSurprising((string Label, long Count)[] lacking, CategoricalSample some, CategoricalSample others)
    {
        if (lacking.Length == 0) return false;
        var rare = (2 * lacking[0].Count * (double)others.Count / some.Count) + 3;
        var asRare = others.Counts.Count(c => c <= rare);
        var log = lacking.Sum(c => c.Count) * Math.Log(some.Count / (double)(some.Count + others.Count));
        if (asRare == 0) log += Math.Log(0.05); // nothing rare was ever seen: a new name is news sooner
        for (var i = 0; i < lacking.Length; i++) log += Math.Log((asRare + i + 1) / (i + 1.0));
        return log < Math.Log(Surprise);
    }

    public static string List((string Label, long Count)[] categories, long rows) =>
        string.Join(", ", categories.Take(MostNamed).Select(c => $"'{c.Label}' ({Percent(c.Count / (double)rows)})")) + (categories.Length > MostNamed ? $" and {categories.Length - MostNamed} more" : "");

    public static string Percent(double share) => share is > 0 and < 0.001 ? "below 0.1 %" : share.ToString("0.# %", CultureInfo.InvariantCulture);
}
