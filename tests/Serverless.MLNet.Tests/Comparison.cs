using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet.Tests;

/// <summary>Our predictors beside ML.NET's own answers. ML.NET scores in float, so the two agree to its precision.</summary>
internal static class Comparison
{
    /// <summary>Of an answer below 1 absolute, above it relative.</summary>
    public const double FloatTolerance = 1e-5;

    public static ITrainer Named(string name) => new ServiceCollection().AddMLNet().BuildServiceProvider().GetServices<ITrainer>().Single(t => t.Name == name);

    public static IReadOnlyDictionary<string, double> Settings(ITrainer trainer, params (string Name, double Value)[] changes)
    {
        var hyperparameters = trainer.Hyperparameters.ToDictionary(h => h.Name, h => h.Default);
        foreach (var (name, value) in changes) hyperparameters[name] = value;
        return hyperparameters;
    }

    public static IPredictor Fit(ITrainer trainer, TrainingSet set, params (string Name, double Value)[] changes) =>
        trainer.Fit(set, Settings(trainer, changes), 42, null, CancellationToken.None);

    /// <param name="map">From ML.NET's figure to the answer.</param>
    public static void Compare(IPredictor ours, ITransformer model, MLContext context, TrainingSet set, string column, Func<double, double>? map = null)
    {
        var scored = model.Transform(MLData.View(context, set));
        double[] theirs = scored.Schema[column].Type is VectorDataViewType
            ? [.. scored.GetColumn<float[]>(column).SelectMany(v => v).Select(v => (double)v)]
            : [.. scored.GetColumn<float>(column).Select(v => (double)v)];
        if (map is not null) theirs = Array.ConvertAll(theirs, v => map(v));
        var mine = Restored(ours).PredictAll(set.Features);
        mine.Length.ShouldBe(theirs.Length);
        mine.Distinct().Count().ShouldBeGreaterThan(10); // a comparison of constants would say nothing
        for (var i = 0; i < mine.Length; i++) mine[i].ShouldBe(theirs[i], FloatTolerance * Math.Max(1, Math.Abs(theirs[i])));
    }

    /// <summary>As it comes back from its stored form.</summary>
    public static IPredictor Restored(IPredictor predictor)
    {
        var format = ModelPackage.Formats.Single(f => f.Format == predictor.Format);
        using var stream = new MemoryStream();
        format.Write(predictor, stream);
        stream.Position = 0;
        return format.Read(stream);
    }
}
