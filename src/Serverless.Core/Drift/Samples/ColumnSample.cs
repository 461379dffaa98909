using Serverless.Datasets;

namespace Serverless.Drift.Samples;

/// <summary>The values of one column in the form that comparisons want: sorted numbers, or categories with their counts. Null, NaN and infinities are counted as missing and left out.</summary>
public abstract record ColumnSample(string Name, ColumnType Type, long Rows, long Missing)
{
    /// <summary>Rows with a value.</summary>
    public long Count => Rows - Missing;

    /// <summary>The values as numbers, if that is what they are; booleans are 0 and 1.</summary>
    public virtual NumericSample? Numbers => null;

    /// <summary>The values as categories, if that is what they are.</summary>
    public virtual CategoricalSample? Categories => null;
}

/// <summary>Numbers in ascending order.</summary>
/// <param name="Values">All values ascending, or with <paramref name="Counts"/> the different ones, strictly ascending. All finite.</param>
/// <param name="Counts">How often each value occurs; null = each stands for itself.</param>
public sealed record NumericSample(string Name, ColumnType Type, long Rows, long Missing, double[] Values, long[]? Counts) : ColumnSample(Name, Type, Rows, Missing)
{
    /// <summary>A power of two; the greatest 64-bit numbers over it have squares, and sums of squares, that are numbers.</summary>
    internal const double HugeUnit = 4.149515568880993e180;

    public override NumericSample Numbers => this;

    public double Mean => Moments().Mean;

    /// <summary>Standard deviation over n (not n - 1), as NumPy's default.</summary>
    public double Deviation => Moments().Deviation;

    public long CountAt(int index) => Counts is null ? 1 : Counts[index];

    /// <summary>The value with <paramref name="rank"/> values before it, 0-based.</summary>
    public double AtRank(long rank)
    {
        if (Counts is null) return Values[rank];
        for (var i = 0; ; i++)
        {
            rank -= Counts[i];
            if (rank < 0) return Values[i];
        }
    }

    /// <summary>Quantile, interpolated linearly between neighbours (NumPy's default).</summary>
    public double Quantile(double p)
    {
        var position = p * (Count - 1);
        var lower = (long)Math.Floor(position);
        var value = AtRank(lower);
        var fraction = position - lower;
        if (fraction == 0) return value;
        var next = AtRank(lower + 1);
        return double.IsInfinity(next - value) ? ((1 - fraction) * value) + (fraction * next) : value + (fraction * (next - value));
    }

    /// <summary>Share of the values that are at most <paramref name="value"/>.</summary>
    public double ShareBelow(double value)
    {
        if (Counts is null) return UpperBound(value) / (double)Values.Length;
        long below = 0;
        for (var i = 0; i < Values.Length && Values[i] <= value; i++) below += Counts[i];
        return below / (double)Count;
    }

    /// <summary>Number of entries of <see cref="Values"/> that are at most <paramref name="value"/>, looked for from <paramref name="from"/> on.</summary>
    public int UpperBound(double value, int from = 0)
    {
        var (low, high) = (from, Values.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (Values[middle] <= value) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>How many different values, looking no further than <paramref name="most"/> + 1.</summary>
    public int Distinct(int most)
    {
        if (Counts is not null) return Math.Min(Values.Length, most + 1);
        var found = Values.Length > 0 ? 1 : 0;
        for (var i = 1; i < Values.Length && found <= most; i++)
        {
            if (Values[i] != Values[i - 1]) found++;
        }

        return found;
    }

    /// <summary>The value farthest from 0, without its sign; 0 without values.</summary>
    internal double Greatest => Values.Length == 0 ? 0 : Math.Max(Math.Abs(Values[0]), Math.Abs(Values[^1]));

    // Squares of values beyond 1e154 are no numbers any more: such values are counted in a unit in which they are small.
    private (double Mean, double Deviation) Moments() => Moments(1) is var plain && double.IsFinite(plain.Deviation) ? plain : Moments(HugeUnit);

    private (double Mean, double Deviation) Moments(double unit)
    {
        double sum = 0, squares = 0;
        for (var i = 0; i < Values.Length; i++) sum += Values[i] / unit * CountAt(i);
        var mean = sum / Count;
        for (var i = 0; i < Values.Length; i++) squares += CountAt(i) * ((Values[i] / unit) - mean) * ((Values[i] / unit) - mean);
        return (mean * unit, Math.Sqrt(squares / Count) * unit);
    }
}

/// <summary>Categories in ordinal order, each with a count above 0.</summary>
public sealed record CategoricalSample(string Name, ColumnType Type, long Rows, long Missing, string[] Labels, long[] Counts) : ColumnSample(Name, Type, Rows, Missing)
{
    public override CategoricalSample Categories => this;
}

public sealed record BooleanSample(string Name, long Rows, long Missing, long False, long True) : ColumnSample(Name, ColumnType.Boolean, Rows, Missing)
{
    public override NumericSample Numbers => (False, True) switch
    {
        (0, 0) => new(Name, Type, Rows, Missing, [], []),
        (_, 0) => new(Name, Type, Rows, Missing, [0], [False]),
        (0, _) => new(Name, Type, Rows, Missing, [1], [True]),
        _ => new(Name, Type, Rows, Missing, [0, 1], [False, True]),
    };

    public override CategoricalSample Categories => (False, True) switch
    {
        (0, 0) => new(Name, Type, Rows, Missing, [], []),
        (_, 0) => new(Name, Type, Rows, Missing, ["false"], [False]),
        (0, _) => new(Name, Type, Rows, Missing, ["true"], [True]),
        _ => new(Name, Type, Rows, Missing, ["false", "true"], [False, True]),
    };
}

/// <param name="Ticks">.NET ticks, UTC, ascending.</param>
public sealed record TimestampSample(string Name, long Rows, long Missing, long[] Ticks) : ColumnSample(Name, ColumnType.Timestamp, Rows, Missing);

/// <summary>What was made of a column's values: numbers, and where they are few and named, categories too (hours of the day).</summary>
public sealed record PartSample(NumericSample Made, CategoricalSample? Named) : ColumnSample(Made.Name, Made.Type, Made.Rows, Made.Missing)
{
    public override NumericSample Numbers => Made;

    public override CategoricalSample? Categories => Named;
}
