using Serverless.Datasets;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Outliers;

/// <summary>Learns what is usual from the rows that a model learns from. Costs nothing for a model without the section <c>outliers</c>.</summary>
internal static class OutlierFitting
{
    // Scores of more rows say nothing new about a quantile.
    private const int MostScored = 20_000;
    private const int MostPairs = 15;

    /// <param name="features">Of the training rows.</param>
    /// <param name="rows">Numbers of the training rows in <paramref name="table"/>.</param>
    public static OutlierDocument? Fit(ModelDefinition model, IReadOnlyList<RawColumn> inputs, FeatureMatrix features, Table table, int[] rows)
    {
        if (model.Outliers is not { } wanted || rows.Length == 0) return null;
        var there = inputs.Where(c => table.Has(c.Name)).Select(c => table[c.Name]).ToArray();
        ColumnCategories[] categories = [.. there.Where(c => c is StringColumn or BooleanColumn).Select(c => ColumnCategories.Of(c, rows)).OfType<ColumnCategories>()];
        var pairs = new List<CategoryPair>();
        for (var i = 0; i < categories.Length; i++)
        {
            for (var j = i + 1; j < categories.Length && pairs.Count < MostPairs; j++)
            {
                if (CategoryPair.Of(categories, i, j, table, rows) is { } pair) pairs.Add(pair);
            }
        }

        return new OutlierDocument
        {
            Rows = rows.Length, Rare = wanted.Rare, Contamination = wanted.Contamination,
            Ranges = [.. there.Where(c => c is IntegerColumn or NumberColumn).Select(c => ColumnRange.Of(c, rows)).OfType<ColumnRange>()],
            Categories = categories, Pairs = pairs, Forest = Forest(wanted, features, model.Trainer.Seed),
        };
    }

    private static ForestDocument? Forest(OutliersDefinition wanted, FeatureMatrix features, int seed)
    {
        if (wanted.Trees == 0 || ForestInput.Of(features) is not { } input) return null;
        var values = new float[features.Rows * input.Width];
        for (var i = 0; i < features.Rows; i++) input.Fill(features.Row(i), values.AsSpan(i * input.Width, input.Width));
        var forest = IsolationForestTrainer.Fit(values, input.Width, wanted.Trees, wanted.Sample, seed);
        var (nodes, cuts, children, roots) = forest.Nodes;
        return new ForestDocument(forest.Sample, Threshold(forest, values, input.Width, wanted.Contamination, seed), input, nodes, cuts, children, roots);
    }

    /// <summary>The least score that at most this share of the training rows exceed.</summary>
    private static double Threshold(IsolationForest forest, float[] values, int width, double contamination, int seed)
    {
        var count = values.Length / width;
        int[] chosen = count <= MostScored ? [.. Enumerable.Range(0, count)] : Drift.Multivariate.PooledRows.Draw(count, MostScored, new Random(seed));
        var scores = Array.ConvertAll(chosen, i => forest.Score(values.AsSpan(i * width, width)));
        Array.Sort(scores);
        return scores[Math.Clamp((int)Math.Ceiling(scores.Length * (1 - contamination)) - 1, 0, scores.Length - 1)];
    }
}
