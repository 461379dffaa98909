using System.Globalization;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>
/// Fitted features, compiled: turns a raw row into float slots. One implementation for training, batches and requests, whatever the encoder. A category that training never
/// saw counts as missing.
/// </summary>
public sealed class FeaturePlan
{
    private const int ChunkRows = 16_384;

    private readonly Part[] parts;
    private readonly Dictionary<string, ValueReader> readers = new(StringComparer.Ordinal);

    /// <exception cref="DataException">An expression does not compile, an encoder is not known (a plan that another version wrote), or an own function is not there.</exception>
    public FeaturePlan(FeaturePlanState state)
    {
        State = state;
        Schema = new RawSchema(state.Inputs);
        var functions = FeatureFunctions.Of(state.Functions ?? []);
        var slots = new List<FeatureSlot>();
        parts = new Part[state.Features.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            var feature = state.Features[i];
            var reader = FeatureCompiler.CompileStored(feature, Schema, functions);
            var own = FeatureEncoders.Slots(feature);
            parts[i] = new Part(FeatureEncoders.Of(feature).Compile(feature, reader), slots.Count, own.Count, feature.Indicator);
            readers[feature.Name] = reader;
            slots.AddRange(own);
        }

        Slots = [.. slots];
    }

    public FeaturePlanState State { get; }

    /// <summary>The raw columns that the features read.</summary>
    public RawSchema Schema { get; }

    /// <summary>One float of a row each; those of a feature stand one after another.</summary>
    public IReadOnlyList<FeatureSlot> Slots { get; }

    /// <summary>Names of the raw columns that a feature is made of, in the order of <see cref="Schema"/>.</summary>
    /// <exception cref="ArgumentException">The plan has no such feature.</exception>
    public IReadOnlyList<string> ColumnsOf(string feature) => ReaderOf(feature).Columns;

    /// <summary>A feature's expression over rows of <see cref="Schema"/>, before it is encoded.</summary>
    internal ValueReader ReaderOf(string feature) => readers.TryGetValue(feature, out var found) ? found
        : throw new ArgumentException($"the model has no feature '{feature}'.{Suggest.Hint(feature, readers.Keys)}", nameof(feature));

    /// <summary>Fills <paramref name="features"/>, one float for each slot, from a row of <see cref="Schema"/>. Does not allocate, unless an expression makes text.</summary>
    public void Fill(RawRow row, Span<float> features)
    {
        foreach (ref readonly var part in parts.AsSpan())
        {
            var slots = features.Slice(part.Start, part.Width);
            var present = part.Writer.Write(row, slots);
            if (part.Indicator) slots[^1] = present ? 0 : 1;
        }
    }

    /// <summary>The features of the given rows of a table, in their order.</summary>
    /// <exception cref="DataException">More floats than an array can have.</exception>
    public FeatureMatrix Transform(Table table, int[] rows, CancellationToken cancel = default)
    {
        var width = Slots.Count;
        if ((long)rows.Length * width > Array.MaxLength)
        {
            throw new DataException($"{rows.Length} rows of {width} feature slots are more than fit into memory at once; use fewer 'buckets' or a smaller 'vocabulary', or a shorter 'window'");
        }

        var values = new float[rows.Length * width];
        var loader = new RowLoader(table, Schema);
        Parallel.For(0, (rows.Length + ChunkRows - 1) / ChunkRows, new ParallelOptions { CancellationToken = cancel }, Schema.NewRow, (chunk, _, row) =>
        {
            for (var i = chunk * ChunkRows; i < Math.Min(rows.Length, (chunk + 1) * ChunkRows); i++)
            {
                loader.Load(rows[i], row);
                Fill(row, values.AsSpan(i * width, width));
            }

            return row;
        }, static _ => { });
        return new FeatureMatrix(values, rows.Length, Slots);
    }

    /// <summary>Text of a number as a category: whole numbers without a point, others so that they read back exactly.</summary>
    internal static string CategoryText(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private readonly record struct Part(FeatureWriter Writer, int Start, int Width, bool Indicator);
}
