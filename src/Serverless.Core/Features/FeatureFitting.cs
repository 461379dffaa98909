using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>Learns from the training rows what features need to know: categories, means, quantiles, vocabularies. Deterministic, whatever the number of cores.</summary>
public static class FeatureFitting
{
    /// <summary>More categories than this are an identifier, not a category.</summary>
    public const int MaxCategories = 10_000;

    private const int ChunkRows = 16_384;

    /// <summary>Fits the features of a model on the given rows of a table.</summary>
    /// <exception cref="DataException">A category with more than <see cref="MaxCategories"/> values, or a feature that no training row has.</exception>
    public static FeaturePlan Fit(ModelDefinition model, RawSchema dataset, TrainerTraits traits, Table table, int[] rows, CancellationToken cancel = default)
    {
        var readers = model.Features.Select(f => FeatureCompiler.Compile(f, dataset, model.File)).ToArray();
        var read = readers.SelectMany(r => r.Columns).ToHashSet(StringComparer.Ordinal);
        // Whoever asks for a prediction sends the keys; what they lead to is looked up.
        read.UnionWith(dataset.Columns.Where(c => c.Lookup is not null && read.Contains(c.Name)).SelectMany(c => c.Lookup!.Keys.Select(k => k.Column)).ToArray());
        var inputs = dataset.Columns.Where(c => read.Contains(c.Name)).ToArray();
        var schema = new RawSchema(inputs);
        var loader = new RowLoader(table, schema);
        var bound = model.Features.Select(f => FeatureCompiler.Compile(f, schema, model.File)).ToArray();
        var fits = model.Features.Select((f, i) => FeatureEncoders.Of(f.Encode, bound[i].Kind).NewFitter(f, bound[i], traits)).ToArray();
        var chunks = (rows.Length + ChunkRows - 1) / ChunkRows;
        var parts = new FeatureFitter[chunks][];
        Parallel.For(0, chunks, new ParallelOptions { CancellationToken = cancel }, schema.NewRow, (chunk, _, row) =>
        {
            var part = parts[chunk] = [.. fits.Select(f => f.New())];
            for (var i = chunk * ChunkRows; i < Math.Min(rows.Length, (chunk + 1) * ChunkRows); i++)
            {
                loader.Load(rows[i], row);
                foreach (var fit in part) fit.Add(row);
            }

            return row;
        }, static _ => { });
        // Merged in the order of the rows, so that sums do not depend on which core was first.
        foreach (var part in parts)
        {
            for (var f = 0; f < fits.Length; f++) fits[f].Merge(part[f]);
        }

        FunctionVersion[] functions = [.. bound.SelectMany(r => r.Functions).Distinct().OrderBy(f => f.Name, StringComparer.Ordinal)];
        return new FeaturePlan(new FeaturePlanState { Inputs = inputs, Features = [.. fits.Select(f => f.Finish(model))], Functions = functions is [] ? null : functions });
    }
}
