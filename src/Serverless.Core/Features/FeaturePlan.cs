using System.Globalization;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>
/// Fitted features, compiled: turns a raw row into float slots. One implementation for training, batches and requests. A number that is missing, NaN, infinite or
/// beyond the range of a float takes the feature's fill value (or stays NaN); a category that training never saw counts as missing.
/// </summary>
public sealed class FeaturePlan
{
    private const int ChunkRows = 16_384;

    private readonly Slot[] slots;
    private readonly Dictionary<string, IReadOnlyList<string>> columns = new(StringComparer.Ordinal);

    /// <exception cref="DataException">An expression does not compile (a plan that another version wrote).</exception>
    public FeaturePlan(FeaturePlanState state)
    {
        State = state;
        Schema = new RawSchema(state.Inputs);
        slots = [.. state.Features.Select(f => new Slot(f, Read(f)))];
        Slots = [.. state.Features.Select(f => new FeatureSlot(f.Name, f.Categories?.Count ?? 0, f.OneHot))];
    }

    private ValueReader Read(FittedFeature feature)
    {
        var reader = FeatureCompiler.CompileStored(feature, Schema);
        columns[feature.Name] = reader.Columns;
        return reader;
    }

    public FeaturePlanState State { get; }

    /// <summary>The raw columns that the features read.</summary>
    public RawSchema Schema { get; }

    public IReadOnlyList<FeatureSlot> Slots { get; }

    /// <summary>Names of the raw columns that a feature is made of, in the order of <see cref="Schema"/>.</summary>
    /// <exception cref="ArgumentException">The plan has no such feature.</exception>
    public IReadOnlyList<string> ColumnsOf(string feature) => columns.TryGetValue(feature, out var found) ? found
        : throw new ArgumentException($"the model has no feature '{feature}'.{Suggest.Hint(feature, columns.Keys)}", nameof(feature));

    /// <summary>Fills <paramref name="features"/>, one float for each slot, from a row of <see cref="Schema"/>. Does not allocate.</summary>
    public void Fill(RawRow row, Span<float> features)
    {
        for (var i = 0; i < slots.Length; i++) features[i] = slots[i].Value(row);
    }

    /// <summary>The features of the given rows of a table, in their order.</summary>
    public FeatureMatrix Transform(Table table, int[] rows, CancellationToken cancel = default)
    {
        var values = new float[(long)rows.Length * slots.Length];
        var loader = new RowLoader(table, Schema);
        Parallel.For(0, (rows.Length + ChunkRows - 1) / ChunkRows, new ParallelOptions { CancellationToken = cancel }, Schema.NewRow, (chunk, _, row) =>
        {
            for (var i = chunk * ChunkRows; i < Math.Min(rows.Length, (chunk + 1) * ChunkRows); i++)
            {
                loader.Load(rows[i], row);
                Fill(row, values.AsSpan(i * slots.Length, slots.Length));
            }

            return row;
        }, static _ => { });
        return new FeatureMatrix(values, rows.Length, Slots);
    }

    /// <summary>Text of a number as a category: whole numbers without a point, others so that they read back exactly.</summary>
    internal static string CategoryText(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private sealed class Slot
    {
        private readonly ValueReader reader;
        private readonly float missing;
        private readonly double fill;
        private readonly double mean;
        private readonly double scale;
        private readonly bool scaled;
        private readonly Dictionary<string, int>? texts;
        private readonly Dictionary<double, int>? numbers;

        public Slot(FittedFeature feature, ValueReader reader)
        {
            this.reader = reader;
            (mean, scale, scaled) = (feature.Mean ?? 0, feature.Scale ?? 1, feature.Scale is not null);
            fill = feature.Fill ?? double.NaN;
            missing = (float)(scaled ? (fill - mean) / scale : fill);
            if (feature.Categories is not { } categories) return;
            missing = float.NaN;
            if (reader.Kind == ValueKind.Text) texts = categories.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i, StringComparer.Ordinal);
            else numbers = categories.Select((c, i) => (c, i)).ToDictionary(c => double.Parse(c.c, CultureInfo.InvariantCulture), c => c.i);
        }

        public float Value(RawRow row)
        {
            if (texts is not null) return reader.Text(row) is { } text && texts.TryGetValue(text, out var index) ? index : missing;
            var number = reader.Number(row);
            if (numbers is not null) return !double.IsNaN(number) && numbers.TryGetValue(number, out var code) ? code : missing;
            if (scaled) number = (number - mean) / scale;
            var value = (float)number;
            return float.IsFinite(value) ? value : missing;
        }
    }
}
