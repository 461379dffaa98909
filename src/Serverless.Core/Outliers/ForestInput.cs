using Serverless.Training;

namespace Serverless.Outliers;

/// <summary>
/// What the forest sees of a row: the model's own features. A category has no order that a cut could use, so it stands there as the share of the training rows that have it: rare ones are few and far from the
/// rest. What is missing stands at the middle: that a value is missing is not unusual by itself.
/// </summary>
/// <param name="Slots">Of the model's features.</param>
/// <param name="Middles">By place in <paramref name="Slots"/>: median of the training rows.</param>
/// <param name="Shares">By place in <paramref name="Slots"/>: share by category; null for a number.</param>
public sealed record ForestInput(IReadOnlyList<int> Slots, IReadOnlyList<float> Middles, IReadOnlyList<float[]?> Shares)
{
    /// <summary>Features beyond this are not looked at: mostly words of texts.</summary>
    internal const int MostSlots = 128;

    private readonly int[] slots = [.. Slots];
    private readonly float[] middles = [.. Middles];
    private readonly float[]?[] shares = [.. Shares];

    public int Width => slots.Length;

    /// <summary>Null when there is nothing to look at.</summary>
    internal static ForestInput? Of(FeatureMatrix rows)
    {
        int[] slots = [.. Enumerable.Range(0, Math.Min(rows.Slots.Count, MostSlots))];
        if (slots.Length == 0 || rows.Rows == 0) return null;
        var (middles, shares) = (new float[slots.Length], new float[]?[slots.Length]);
        foreach (var slot in slots)
        {
            var values = new List<float>(rows.Rows);
            for (var i = 0; i < rows.Rows; i++) if (float.IsFinite(rows.Row(i)[slot])) values.Add(rows.Row(i)[slot]);
            if (rows.Slots[slot].IsCategory)
            {
                var counts = new float[rows.Slots[slot].Cardinality];
                foreach (var value in values) if (value >= 0 && (int)value < counts.Length) counts[(int)value]++;
                shares[slot] = Array.ConvertAll(counts, c => c / rows.Rows);
                values = [.. values.Select(v => v >= 0 && (int)v < counts.Length ? shares[slot]![(int)v] : 0)];
            }

            values.Sort();
            middles[slot] = values.Count == 0 ? 0 : values[values.Count / 2];
        }

        return new ForestInput(slots, middles, shares);
    }

    public void Fill(ReadOnlySpan<float> features, Span<float> row)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            var value = features[slots[i]];
            row[i] = !float.IsFinite(value) ? middles[i] : shares[i] is not { } of ? value : value >= 0 && (int)value < of.Length ? of[(int)value] : 0;
        }
    }
}
