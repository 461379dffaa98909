using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.LightGbm.Tests;

public sealed unsafe class LightGbmTrainerTests
{
    private static LightGbmPredictor Fit(TrainingSet set, int seed = 42, params (string, double)[] changes) =>
        (LightGbmPredictor)new LightGbmTrainer().Fit(set, Sets.Defaults([("iterations", 25), .. changes]), seed, null, CancellationToken.None);

    // Our trees against LightGBM's own prediction of the model that it gave us.
    [Theory]
    [InlineData(TaskKind.Binary, false, true), InlineData(TaskKind.Binary, true, true), InlineData(TaskKind.Binary, true, false)]
    [InlineData(TaskKind.Multiclass, false, true), InlineData(TaskKind.Multiclass, true, true)]
    [InlineData(TaskKind.Regression, false, true), InlineData(TaskKind.Regression, true, true), InlineData(TaskKind.Regression, false, false)]
    public void Predict_AnyTask_EqualsLightGbmItself(TaskKind task, bool oneHot, bool missing)
    {
        var model = Fit(Sets.Make(task, 4000, 1, oneHot, missing));
        var unseen = Sets.Make(task, 3000, 2, oneHot, missing: true).Features;
        var (ours, theirs) = (model.PredictAll(unseen), Native(model.Text, unseen, model.Outputs));
        for (var i = 0; i < ours.Length; i++) ours[i].ShouldBe(theirs[i], 1e-12);
        var one = new double[model.Outputs];
        for (var r = 0; r < 100; r++)
        {
            model.Predict(unseen.Row(r), one);
            one.ShouldBe(ours[(r * model.Outputs)..((r + 1) * model.Outputs)]);
        }
    }

    [Theory, InlineData(TaskKind.Binary), InlineData(TaskKind.Multiclass), InlineData(TaskKind.Regression)]
    public void Fit_SameSetAndSeed_GivesTheSameText(TaskKind task)
    {
        var set = Sets.Make(task, 4000, 3);
        (string, double)[] sampling = [("bagging-fraction", 0.7), ("feature-fraction", 0.7)];
        Fit(set, 7, sampling).Text.ShouldBe(Fit(set, 7, sampling).Text);
        Fit(set, 8, sampling).Text.ShouldNotBe(Fit(set, 7, sampling).Text);
    }

    [Fact]
    public void Fit_ConstantFeaturesOnly_GivesTrainingMean()
    {
        var set = new TrainingSet { Task = TaskKind.Regression, Classes = 0, Labels = [.. Enumerable.Range(0, 100).Select(i => (float)i)], Features = new FeatureMatrix(new float[100], 100, [new FeatureSlot("x", 0, false)]) };
        var outputs = new double[1];
        Fit(set).Predict([0], outputs);
        outputs[0].ShouldBe(49.5, 1e-6);
    }

    [Fact]
    public void Fit_NumericOverflowOfNames_AreAcceptedByLightGbm() =>
        TrainingData.Names([new("a b", 0, false), new("a:b", 0, false), new("c", 2, true)]).ShouldBe(["a_b", "a_b_", "c.0", "c.1"]);

    [Fact]
    public void Fit_Cancelled_Stops()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Should.Throw<OperationCanceledException>(() => new LightGbmTrainer().Fit(Sets.Make(TaskKind.Binary, 500, 1), Sets.Defaults(), 1, null, cancel.Token));
    }

    [Fact]
    public void Fit_Progress_ReachesOne()
    {
        var last = 0.0;
        new LightGbmTrainer().Fit(Sets.Make(TaskKind.Binary, 2000, 1), Sets.Defaults(("iterations", 10)), 1, new Immediate(f => last = f), CancellationToken.None);
        last.ShouldBe(1);
    }

    [Fact]
    public void Fit_NativeLibraryMissing_NamesTheRemedy()
    {
        var trainer = new LightGbmTrainer(() => NativeLibraryCheck.Ensure(_ => throw new DllNotFoundException("libgomp.so.1: cannot open shared object file: No such file or directory")));
        var message = Should.Throw<EnvironmentException>(() => trainer.Fit(Sets.Make(TaskKind.Binary, 100, 1), Sets.Defaults(), 1, null, CancellationToken.None)).Message;
        message.ShouldContain("apt-get install libgomp1");
        message.ShouldContain("dnf install libgomp");
        message.ShouldContain("Alpine");
        message.ShouldContain("brew install libomp");
        message.ShouldContain("The loader said: libgomp.so.1: cannot open shared object file");
    }

    [Fact]
    public void Hyperparameters_Defaults_AreThoseOfTheDocumentation()
    {
        var defaults = Sets.Defaults();
        (defaults["iterations"], defaults["leaves"], defaults["learning-rate"]).ShouldBe((100, 31, 0.1));
        LightGbmTrainer.Parameters(Sets.Make(TaskKind.Binary, 10, 1), Sets.Defaults(("bagging-fraction", 0.5)), 42).ShouldBe(
            $"objective=binary deterministic=true force_row_wise=true num_threads={Environment.ProcessorCount} seed=42 verbosity=-1 num_leaves=31 learning_rate=0.1 "
            + "min_data_in_leaf=20 max_depth=-1 max_bin=255 lambda_l1=0 lambda_l2=0 min_gain_to_split=0 feature_fraction=1 bagging_fraction=0.5 bagging_freq=1 "
            + "min_data_per_group=100 cat_smooth=10 cat_l2=10 max_cat_threshold=32");
    }

    [Fact]
    public void Text_RoundTrip_IsReadByTheStoredFormat()
    {
        var model = Fit(Sets.Make(TaskKind.Binary, 2000, 5, oneHot: true));
        var again = new LightGbmPredictor(model.Text);
        var rows = Sets.Make(TaskKind.Binary, 500, 6, oneHot: true).Features;
        again.PredictAll(rows).ShouldBe(model.PredictAll(rows));
        model.Text.ShouldNotContain("num_threads");
    }

    internal static double[] Native(string text, FeatureMatrix features, int outputs)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterLoadModelFromString(text, out _, out var booster));
        var result = new double[features.Rows * outputs];
        var sparse = SparseRows.Of(features);
        fixed (long* starts = sparse.Starts)
        fixed (int* indices = sparse.Indices)
        fixed (float* sparseValues = sparse.Values, dense = features.Values)
        fixed (double* first = result)
        {
            LightGbmNative.Check(features.Slots.Any(s => s.OneHot)
                ? LightGbmNative.LGBM_BoosterPredictForCSR(booster, starts, LightGbmNative.Int64, indices, sparseValues, LightGbmNative.Float32, sparse.Starts.Length,
                    sparse.Values.Length, sparse.Columns, 0, 0, -1, "", out _, first)
                : LightGbmNative.LGBM_BoosterPredictForMat(booster, dense, LightGbmNative.Float32, features.Rows, features.Slots.Count, 1, 0, 0, -1, "", out _, first));
        }

        LightGbmNative.LGBM_BoosterFree(booster);
        return result;
    }

    private sealed class Immediate(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
