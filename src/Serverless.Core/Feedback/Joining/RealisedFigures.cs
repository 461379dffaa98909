using Serverless.Evaluation;
using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Statistics;

namespace Serverless.Feedback;

/// <summary>Metrics of predictions whose outcome is known: all of the catalogue, and the model file's own.</summary>
internal static class RealisedFigures
{
    private const int Replicates = 200;

    /// <param name="predictions">Labelled predictions of one version.</param>
    public static (IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, string>? Undefined) Of(ModelDefinition model, ModelSchema schema, IReadOnlyList<JoinedPrediction> predictions)
    {
        if (predictions.Count == 0) return (new Dictionary<string, double>(), null);
        var rows = Rows(model, schema, predictions);
        var figures = WeightedMetric.All(schema.Task, rows.Truth, rows.Outputs, rows.Classes.Count, rows.Threshold);
        var (weights, values) = (Ones(rows.Rows), new double[figures.Names.Count]);
        figures.Compute(weights, values);
        var all = figures.Names.Zip(values).ToDictionary(f => f.First, f => f.Second, StringComparer.Ordinal);
        foreach (var (name, own) in rows.Own) all[name] = own.Compute(weights);
        var wanted = MetricCatalogue.Of(model).Where(m => m.Applies(rows.Classes.Count)).ToList();
        var undefined = wanted.Where(m => !(all.TryGetValue(m.Name, out var v) && double.IsFinite(v)))
            .ToDictionary(m => m.Name, m => rows.Own.TryGetValue(m.Name, out var own) ? own.Undefined : BusinessMetrics.Of(model).Any(b => b.Name == m.Name)
                ? "its definition was changed after these outcomes were joined" : $"it needs {m.Needs.Replace(" in the holdout", "", StringComparison.Ordinal)}");
        return (wanted.Where(m => all.TryGetValue(m.Name, out var v) && double.IsFinite(v)).ToDictionary(m => m.Name, m => all[m.Name]), undefined.Count == 0 ? null : undefined);
    }

    /// <summary>A metric with the standard deviation that it has over samples of the same kind (bootstrap with Poisson weights, 200 replicates); null when it is not defined.</summary>
    public static (double Value, double Error)? WithError(ModelDefinition model, ModelSchema schema, IReadOnlyList<JoinedPrediction> predictions, string metric)
    {
        if (predictions.Count < 2) return null;
        var rows = Rows(model, schema, predictions);
        if (rows.Figure(metric) is not { } figure || figure.Compute(Ones(rows.Rows)) is var value && !double.IsFinite(value)) return null;
        var (weights, drawn) = (new byte[rows.Rows], new List<double>());
        for (var i = 0; i < Replicates; i++)
        {
            PoissonWeights.Fill(weights, model.Trainer.Seed, i);
            if (figure.Compute(weights) is var one && double.IsFinite(one)) drawn.Add(one);
        }

        if (drawn.Count < Replicates * 9 / 10) return null;
        var mean = drawn.Average();
        return (value, Math.Sqrt(drawn.Sum(d => (d - mean) * (d - mean)) / (drawn.Count - 1)));
    }

    private static JudgedRows Rows(ModelDefinition model, ModelSchema schema, IReadOnlyList<JoinedPrediction> predictions)
    {
        var rows = RealisedRows.Judged(schema, predictions);
        var own = BusinessMetrics.Of(model);
        if (own.Count == 0 || schema.Task != model.Task) return rows;
        var hash = OwnValues.Hash(model);
        if (predictions.Any(p => p.OwnHash != hash)) return rows;
        return rows with
        {
            Own = own.ToDictionary(m => m.Name, m => new BusinessWeighted(m, [.. predictions.Select(p => p.Own?.TryGetValue(m.Name, out var v) == true ? v : double.NaN)]), StringComparer.Ordinal),
        };
    }

    private static byte[] Ones(int rows)
    {
        var ones = new byte[rows];
        Array.Fill(ones, (byte)1);
        return ones;
    }
}
