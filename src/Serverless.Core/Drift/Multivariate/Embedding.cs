using System.IO.Hashing;
using System.Text;
using Serverless.Drift.Samples;

namespace Serverless.Drift.Multivariate;

/// <summary>
/// Mixed columns as points of a Euclidean space in which every column has variance 1. Numbers are standardised over both sides and cut at 5 deviations; a missing value
/// stands at the mean, and that it is missing is a coordinate of its own; categories are one-hot, beyond a bound hashed into buckets; what lies on a circle is put on one.
/// Beyond <see cref="MostDimensions"/> coordinates the points are projected at random (Achlioptas 2003), which keeps distances to some 10 %.
/// </summary>
internal sealed class Embedding
{
    /// <summary>Coordinates that are kept as they are.</summary>
    public const int MostDimensions = 128;

    private const double MostDeviations = 5;
    private const int MostBuckets = 32;
    private const int LeastBuckets = 4;
    private const int BucketsOfAll = 4096;

    private readonly int rows;
    private readonly int buckets;
    private readonly Random random;
    private readonly List<double[]> coordinates = [];
    private double[]? projected;

    private Embedding(int rows, int columns, int seed)
    {
        this.rows = rows;
        buckets = Math.Clamp(BucketsOfAll / Math.Max(1, columns), LeastBuckets, MostBuckets);
        random = new Random(seed);
    }

    /// <summary>Coordinates before the projection.</summary>
    public int Dimensions { get; private set; }

    public bool Projected => projected is not null;

    /// <summary>Coordinates of the points as they are compared.</summary>
    public int Width => projected is not null ? MostDimensions : coordinates.Count;

    /// <summary>Row-major: <see cref="Width"/> coordinates for each row.</summary>
    public double[] Points { get; private set; } = [];

    public static Embedding Of(PooledRows rows, IReadOnlyList<string> columns, int seed, CancellationToken cancel)
    {
        var embedding = new Embedding(rows.Count, columns.Count, seed);
        foreach (var column in rows.Columns(columns, cancel)) embedding.Add(column);
        embedding.Finish();
        return embedding;
    }

    private void Add(PooledColumn column)
    {
        switch (column)
        {
            case PooledNumbers { Period: { } period } circle:
                var at = (Sine: circle.Values.Select(v => Math.Sin(2 * Math.PI * v / period)).ToArray(), Cosine: circle.Values.Select(v => Math.Cos(2 * Math.PI * v / period)).ToArray());
                AddStandardised(at.Sine);
                AddStandardised(at.Cosine);
                break;
            case PooledNumbers numbers:
                AddMissing(numbers.Values, double.IsNaN);
                AddStandardised(numbers.Values);
                break;
            case PooledCategories categories:
                AddMissing(categories.Codes, c => c < 0);
                AddCategories(categories);
                break;
        }
    }

    private void AddMissing<T>(T[] values, Func<T, bool> missing)
    {
        if (values.Any(missing)) AddStandardised([.. values.Select(v => missing(v) ? 1.0 : 0.0)]);
    }

    private void AddStandardised(double[] values)
    {
        // Standardised values have no unit, so huge ones are counted in one in which their squares are numbers.
        if (values.Any(v => Math.Abs(v) > NumericSample.HugeUnit)) values = [.. values.Select(v => v / NumericSample.HugeUnit)];
        var (n, mean, squares) = (0, 0.0, 0.0);
        foreach (var v in values)
        {
            if (double.IsNaN(v)) continue;
            n++;
            var away = v - mean;
            mean += away / n;
            squares += away * (v - mean);
        }

        var deviation = n == 0 ? 0 : Math.Sqrt(squares / n);
        if (!(deviation > 1e-12 * Math.Abs(mean)) || !double.IsFinite(deviation)) return; // a constant tells nothing
        AddCoordinate([.. values.Select(v => double.IsNaN(v) ? 0 : Math.Clamp((v - mean) / deviation, -MostDeviations, MostDeviations))]);
    }

    private void AddCategories(PooledCategories column)
    {
        var count = column.Labels.Count <= buckets ? column.Labels.Count : buckets;
        int[] bucketOf = column.Labels.Count <= buckets ? [.. Enumerable.Range(0, count)]
            : [.. column.Labels.Select(l => (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(l)) % (ulong)count))];
        var shares = new double[count];
        foreach (var code in column.Codes)
        {
            if (code >= 0) shares[bucketOf[code]] += 1.0 / rows;
        }

        var variance = shares.Sum(p => p * (1 - p));
        if (variance <= 1e-12) return;
        for (var b = 0; b < count; b++)
        {
            var (share, bucket) = (shares[b], b);
            AddCoordinate([.. column.Codes.Select(c => ((c >= 0 && bucketOf[c] == bucket ? 1 : 0) - share) / Math.Sqrt(variance))]);
        }
    }

    private void AddCoordinate(double[] values)
    {
        Dimensions++;
        if (projected is null && coordinates.Count < MostDimensions)
        {
            coordinates.Add(values);
            return;
        }

        if (projected is null)
        {
            projected = new double[(long)rows * MostDimensions];
            foreach (var earlier in coordinates) Project(earlier);
        }

        Project(values);
    }

    // Of every coordinate a third of the directions gets it, with either sign.
    private void Project(double[] values)
    {
        var scale = Math.Sqrt(3.0 / MostDimensions);
        var directions = new List<(int At, double Weight)>(MostDimensions / 2);
        for (var k = 0; k < MostDimensions; k++)
        {
            var die = random.Next(6);
            if (die < 2) directions.Add((k, die == 0 ? scale : -scale));
        }

        for (var row = 0; row < rows; row++)
        {
            var point = projected.AsSpan(row * MostDimensions, MostDimensions);
            foreach (var (at, weight) in directions) point[at] += weight * values[row];
        }
    }

    private void Finish()
    {
        if (projected is not null)
        {
            Points = projected;
            return;
        }

        var width = coordinates.Count;
        Points = new double[(long)rows * width];
        for (var c = 0; c < width; c++)
        {
            for (var row = 0; row < rows; row++) Points[(row * width) + c] = coordinates[c][row];
        }
    }
}
