using System.Diagnostics;
using Serverless.Datasets;
using Serverless.Explanations;
using Serverless.Explanations.Methods;
using Serverless.Features;
using Serverless.LightGbm;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Bench.Explanations;

/// <summary>
/// Explaining one row of 100 trees of 31 leaves: LightGBM's own <c>predict_contrib</c> for the row (its C API, model loaded, one thread), ours of the same kind (path-dependent), and exact interventional values
/// against a background of 100 rows. Of 10 columns and of 30; a median over 200 rows, each explained some times.
/// </summary>
internal sealed class ContributionsBench : IBench
{
    private const double Limit = 3;
    private const int Rows = 200;
    private const int Times = 5;

    private static readonly int[] Widths = [10, 30];

    public string Name => "explain";

    public string Description => "contributions of one row, 100 trees of 31 leaves, background of 100, against LightGBM's predict_contrib";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["predict_contrib"] = () => Task.FromResult(Measure(Native)),
        ["path-dependent"] = () => Task.FromResult(Measure((text, matrix) => Ours(new PathDependentTrees(), text, matrix))),
        ["interventional"] = () => Task.FromResult(Measure((text, matrix) => Ours(new InterventionalTrees(), text, matrix))),
    };

    public Task PrepareAsync()
    {
        foreach (var width in Widths)
        {
            var set = Set(width, 50_000, 1);
            var model = (LightGbmPredictor)new LightGbmTrainer().Fit(set, KnownTrainers.LightGbm.Hyperparameters.ToDictionary(h => h.Name, h => h.Default), 42, null, CancellationToken.None);
            File.WriteAllText(Model(width), model.Text);
        }

        return Task.CompletedTask;
    }

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        foreach (var width in Widths)
        {
            var key = $"us{width}";
            var peer = medians["predict_contrib"][key];
            foreach (var part in new[] { "path-dependent", "interventional" })
            {
                Console.WriteLine($"  {width} columns: predict_contrib {peer:0} us, {part} {medians[part][key]:0} us = {medians[part][key] / peer:0.00}x (limit {Limit}x); prepared in {medians[part][$"prepareMs{width}"]:0} ms, {medians[part][$"bytes{width}"]:0} bytes a row");
            }
        }
    }

    private static string Model(int width) => BenchData.Made($"contributions-{width}.txt");

    private static TrainingSet Set(int width, int rows, int seed)
    {
        var random = new Random(seed);
        var (values, labels) = (new float[rows * width], new float[rows]);
        for (var r = 0; r < rows; r++)
        {
            var row = values.AsSpan(r * width, width);
            for (var c = 0; c < width; c++) row[c] = (float)random.NextDouble();
            var signal = row[0] * row[1] + Math.Sin(6 * row[2]) * row[3] + row[4] + 0.3 * row[5] * row[6] - row[7] * row[8] + 0.2 * random.NextDouble();
            for (var c = 9; c < width; c++) signal += 0.3 * row[c] * row[(c + 3) % width];
            labels[r] = signal > 1 + 0.075 * (width - 9) ? 1 : 0;
        }

        return new TrainingSet { Task = TaskKind.Binary, Classes = 2, Labels = labels, Features = new FeatureMatrix(values, rows, [.. Enumerable.Range(0, width).Select(i => new FeatureSlot($"c{i}", 0, false))]) };
    }

    private static IReadOnlyDictionary<string, double> Measure(Func<string, FeatureMatrix, (Action<int> Explain, double PrepareMs)> make)
    {
        var figures = new Dictionary<string, double>();
        foreach (var width in Widths)
        {
            var (explain, prepare) = make(File.ReadAllText(Model(width)), Set(width, Rows, 2).Features);
            for (var warm = 0; warm < 10; warm++) for (var r = 0; r < Rows; r++) explain(r);
            var times = new double[Rows];
            for (var r = 0; r < Rows; r++)
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < Times; i++) explain(r);
                times[r] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Times;
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var r = 0; r < Rows; r++) explain(r);
            figures[$"bytes{width}"] = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Rows;
            figures[$"us{width}"] = times.Order().ElementAt(Rows / 2);
            figures[$"prepareMs{width}"] = prepare;
        }

        return figures;
    }

    private static (Action<int>, double) Ours(IExplanationMethod method, string text, FeatureMatrix matrix)
    {
        var width = matrix.Slots.Count;
        var inputs = matrix.Slots.Select(s => new RawColumn(s.Name, ColumnType.Number, false)).ToArray();
        var plan = new FeaturePlan(new FeaturePlanState { Inputs = inputs, Features = [.. inputs.Select(c => new FittedFeature { Name = c.Name, From = c.Name })] });
        var document = new PipelineDocument { Model = "m", Task = TaskKind.Binary, Label = "y", Features = plan.State, Predictor = "lightgbm", Classes = ["false", "true"] };
        RawRow Row(FeatureMatrix from, int r)
        {
            var row = plan.Schema.NewRow();
            for (var c = 0; c < width; c++) row.SetNumber(c, from.Row(r)[c]);
            return row;
        }

        var sample = Set(width, ExplanationSetup.BackgroundRows, 3).Features;
        var background = new Background(plan, [.. Enumerable.Range(0, sample.Rows).Select(r => Row(sample, r))]);
        var setup = new ExplanationSetup(new ScoringPipeline(document, plan, new LightGbmPredictor(text), 1), background);
        var start = Stopwatch.GetTimestamp();
        var explainer = method.Prepare(setup);
        var prepare = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var rows = Enumerable.Range(0, matrix.Rows).Select(r => Row(matrix, r)).ToArray();
        var found = new Attribution(width, width);
        return (r => explainer.Explain(rows[r], matrix.Row(r), 0, found), prepare);
    }

    private static unsafe (Action<int>, double) Native(string text, FeatureMatrix matrix)
    {
        NativeLibraryCheck.Ensure();
        LightGbmNative.Silence();
        var start = Stopwatch.GetTimestamp();
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterLoadModelFromString(text, out _, out var booster));
        var prepare = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var width = matrix.Slots.Count;
        var result = new double[width + 1];
        return (r =>
        {
            fixed (float* row = matrix.Row(r))
            fixed (double* first = result) LightGbmNative.Check(LightGbmNative.LGBM_BoosterPredictForMat(booster, row, LightGbmNative.Float32, 1, width, 1, 3, 0, -1, "num_threads=1", out _, first));
        }, prepare);
    }
}
