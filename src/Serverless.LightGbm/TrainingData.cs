using System.Runtime.InteropServices;
using Serverless.Training;

namespace Serverless.LightGbm;

/// <summary>A training set as LightGBM's own binned dataset. A dense matrix is handed over without a copy; one-hot categories go as sparse rows.</summary>
internal sealed unsafe class TrainingData : IDisposable
{
    private readonly nint reference;
    private nint handle;

    /// <param name="reference">Rows whose bins these take; null = bins of their own.</param>
    public TrainingData(TrainingSet set, string parameters, TrainingData? reference = null)
    {
        this.reference = reference?.Handle ?? 0;
        var slots = set.Features.Slots;
        parameters += CategoricalFeatures(slots);
        if (slots.Any(s => s.OneHot)) FromSparse(set.Features, parameters);
        else FromDense(set.Features, parameters);
        try
        {
            fixed (float* labels = set.Labels)
            {
                LightGbmNative.Check(LightGbmNative.LGBM_DatasetSetField(handle, "label", labels, set.Labels.Length, LightGbmNative.Float32));
            }

            if (set.Weights is { } weights)
            {
                fixed (float* first = weights) LightGbmNative.Check(LightGbmNative.LGBM_DatasetSetField(handle, "weight", first, weights.Length, LightGbmNative.Float32));
            }

            if (reference is null) SetNames(Names(slots));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public nint Handle => handle;

    public void Dispose()
    {
        if (handle != 0) LightGbmNative.LGBM_DatasetFree(handle);
        handle = 0;
    }

    /// <summary>Names as LightGBM accepts them (no blanks, no JSON signs), each once.</summary>
    internal static IReadOnlyList<string> Names(IReadOnlyList<FeatureSlot> slots)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var slot in slots)
        {
            var clean = new string([.. slot.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_')]);
            for (var i = 0; i < (slot.OneHot ? slot.Cardinality : 1); i++)
            {
                var name = slot.OneHot ? FormattableString.Invariant($"{clean}.{i}") : clean;
                while (!taken.Add(name)) name += "_";
                names.Add(name);
            }
        }

        return names;
    }

    private static string CategoricalFeatures(IReadOnlyList<FeatureSlot> slots)
    {
        var (columns, column) = (new List<int>(), 0);
        foreach (var slot in slots)
        {
            if (slot is { IsCategory: true, OneHot: false }) columns.Add(column);
            column += slot.OneHot ? slot.Cardinality : 1;
        }

        return columns.Count == 0 ? "" : $" categorical_feature={string.Join(',', columns)}";
    }

    private void FromDense(FeatureMatrix features, string parameters)
    {
        fixed (float* values = features.Values)
        {
            LightGbmNative.Check(LightGbmNative.LGBM_DatasetCreateFromMat(values, LightGbmNative.Float32, features.Rows, features.Slots.Count, 1, parameters, reference, out handle));
        }
    }

    private void FromSparse(FeatureMatrix features, string parameters)
    {
        var sparse = SparseRows.Of(features);
        fixed (long* starts = sparse.Starts)
        fixed (int* indices = sparse.Indices)
        fixed (float* values = sparse.Values)
        {
            LightGbmNative.Check(LightGbmNative.LGBM_DatasetCreateFromCSR(starts, LightGbmNative.Int64, indices, values, LightGbmNative.Float32, sparse.Starts.Length,
                sparse.Values.Length, sparse.Columns, parameters, reference, out handle));
        }
    }

    private void SetNames(IReadOnlyList<string> names)
    {
        var pointers = names.Select(n => Marshal.StringToCoTaskMemUTF8(n)).ToArray();
        try
        {
            fixed (nint* first = pointers) LightGbmNative.Check(LightGbmNative.LGBM_DatasetSetFeatureNames(handle, (byte**)first, pointers.Length));
        }
        finally
        {
            foreach (var pointer in pointers) Marshal.FreeCoTaskMem(pointer);
        }
    }
}
