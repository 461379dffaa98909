using Serverless.Training;

namespace Serverless.LightGbm;

/// <summary>Compressed sparse rows: one-hot slots widened to 0/1 columns, of which at most one is written; zeros of numbers left out.</summary>
internal sealed record SparseRows(long[] Starts, int[] Indices, float[] Values, int Columns)
{
    public static SparseRows Of(FeatureMatrix features)
    {
        var slots = features.Slots;
        var offsets = new int[slots.Count];
        var columns = 0;
        for (var s = 0; s < slots.Count; s++)
        {
            offsets[s] = columns;
            columns += slots[s].OneHot ? slots[s].Cardinality : 1;
        }

        var oneHot = slots.Select(s => s.OneHot).ToArray();
        var starts = new long[features.Rows + 1];
        for (var r = 0; r < features.Rows; r++) starts[r + 1] = starts[r] + Elements(features.Row(r), oneHot);
        var (indices, values) = (new int[starts[^1]], new float[starts[^1]]);
        Parallel.For(0, (features.Rows + 65_535) / 65_536, chunk =>
        {
            for (var r = chunk * 65_536; r < Math.Min(features.Rows, (chunk + 1) * 65_536); r++)
            {
                var row = features.Row(r);
                var at = starts[r];
                for (var s = 0; s < row.Length; s++)
                {
                    if (!Written(row[s], oneHot[s])) continue;
                    indices[at] = oneHot[s] ? offsets[s] + (int)row[s] : offsets[s];
                    values[at++] = oneHot[s] ? 1 : row[s];
                }
            }
        });
        return new SparseRows(starts, indices, values, columns);
    }

    private static int Elements(ReadOnlySpan<float> row, bool[] oneHot)
    {
        var count = 0;
        for (var s = 0; s < row.Length; s++) count += Written(row[s], oneHot[s]) ? 1 : 0;
        return count;
    }

    private static bool Written(float value, bool oneHot) => oneHot ? !float.IsNaN(value) : value != 0;
}
