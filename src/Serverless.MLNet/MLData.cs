using Microsoft.ML;
using Microsoft.ML.Data;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>A feature matrix as ML.NET sees it: one vector column, categories widened to 0/1 places (sparse), and a label of the type that the task needs.</summary>
internal static class MLData
{
    public static IDataView View(MLContext context, TrainingSet set, CancellationToken cancel = default)
    {
        var width = Width(set.Features.Slots);
        return set.Task switch
        {
            TaskKind.Binary => context.Data.LoadFromEnumerable(
                Rows(set, width, cancel, (features, label, weight) => new BinaryRow { Features = features, Label = label > 0.5f, Weight = weight }), Schema<BinaryRow>(width, null)),
            // A key's raw value counts from 0: ML.NET adds the 1 that leaves 0 for "missing".
            TaskKind.Multiclass => context.Data.LoadFromEnumerable(
                Rows(set, width, cancel, (features, label, weight) => new ClassRow { Features = features, Label = (uint)label, Weight = weight }), Schema<ClassRow>(width, new KeyDataViewType(typeof(uint), set.Classes))),
            _ => context.Data.LoadFromEnumerable(
                Rows(set, width, cancel, (features, label, weight) => new ValueRow { Features = features, Label = label, Weight = weight }), Schema<ValueRow>(width, null)),
        };
    }

    /// <summary>Column of the rows' weights; null where all rows count the same.</summary>
    public static string? WeightColumn(TrainingSet set) => set.Weights is null ? null : "Weight";

    /// <summary>For each of ML.NET's places the slot, and the category where it is a 0/1 place (-1 otherwise).</summary>
    public static (int Slot, int Category)[] Places(IReadOnlyList<FeatureSlot> slots) =>
        [.. slots.SelectMany((s, i) => s.IsCategory ? Enumerable.Range(0, s.Cardinality).Select(c => (i, c)) : [(i, -1)])];

    private static int Width(IReadOnlyList<FeatureSlot> slots) => slots.Sum(s => Math.Max(1, s.Cardinality));

    private static SchemaDefinition Schema<T>(int width, DataViewType? label)
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        if (label is not null) schema["Label"].ColumnType = label;
        return schema;
    }

    private static IEnumerable<T> Rows<T>(TrainingSet set, int width, CancellationToken cancel, Func<VBuffer<float>, float, float, T> make)
    {
        var slots = set.Features.Slots;
        var sparse = slots.Any(s => s.IsCategory);
        for (var r = 0; r < set.Features.Rows; r++)
        {
            cancel.ThrowIfCancellationRequested();
            yield return make(sparse ? Sparse(set.Features, r, width) : new VBuffer<float>(width, set.Features.Row(r).ToArray()), set.Labels[r], set.Weights is { } weights ? weights[r] : 1);
        }
    }

    private static VBuffer<float> Sparse(FeatureMatrix features, int r, int width)
    {
        var row = features.Row(r);
        var (values, indices, count, offset) = (new float[row.Length], new int[row.Length], 0, 0);
        for (var s = 0; s < row.Length; s++)
        {
            var slot = features.Slots[s];
            if (slot.IsCategory ? !float.IsNaN(row[s]) : row[s] != 0)
            {
                indices[count] = slot.IsCategory ? offset + (int)row[s] : offset;
                values[count++] = slot.IsCategory ? 1 : row[s];
            }

            offset += Math.Max(1, slot.Cardinality);
        }

        return new VBuffer<float>(width, count, values, indices);
    }

    internal sealed class BinaryRow
    {
        public VBuffer<float> Features { get; set; }

        public bool Label { get; set; }

        public float Weight { get; set; }
    }

    internal sealed class ClassRow
    {
        public VBuffer<float> Features { get; set; }

        public uint Label { get; set; }

        public float Weight { get; set; }
    }

    internal sealed class ValueRow
    {
        public VBuffer<float> Features { get; set; }

        public float Label { get; set; }

        public float Weight { get; set; }
    }
}
