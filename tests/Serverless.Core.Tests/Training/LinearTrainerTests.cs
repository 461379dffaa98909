using Serverless.Models;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

public sealed class LinearTrainerTests
{
    // scikit-learn 1.2.2, Ridge(alpha=l2 * rows, solver="cholesky") on the same 200 rows with four 0/1 columns; weighted: alpha=l2 * sum of weights.
    [Theory]
    [InlineData(0.0001, false, 0.293651070836951, -0.019796112268694998, 0.3484175297637167, -2.6193479030270654, -0.1151237744435025, 2.3860541476595256, 101.66698672894414)]
    [InlineData(0.1, false, 0.2848771868406957, -0.01971459790327246, 0.23795142641366002, -1.8626438244082983, -0.07758883516615744, 1.7022812331607475, 101.75698234997918)]
    [InlineData(0.1, true, 0.27627602257450373, -0.019994217278403538, 0.24090095110054138, -1.8386611493388063, -0.08717737409108682, 1.6849375723293432, 101.89361086525605)]
    public void Fit_NumbersAndCategories_EqualsRidgeOfScikitLearn(double l2, bool weighted, params double[] expected)
    {
        var linear = Fit(Rows(weighted), ("l2", l2));
        linear.Weights[0].Append(linear.Biases[0]).Zip(expected).ShouldAllBe(w => Math.Abs(w.First - w.Second) < 1e-7);
    }

    // ML.NET's own coordinate ascent gave weights of 1e15 here: hours of a day, one column, every value as often as the others.
    [Theory, InlineData(1), InlineData(0.001), InlineData(1000)]
    public void Fit_OneColumn_FindsTheLine(double unit)
    {
        var hours = Enumerable.Range(0, 2400).Select(r => (float)((r % 24 - 11.5) * unit)).ToArray();
        var linear = Fit(Numbers(hours, [.. hours.Select(h => (float)(5 + 2 * h / unit))]), ("l2", 0));
        (linear.Weights[0][0] * unit).ShouldBe(2, 1e-6);
        linear.Biases[0].ShouldBe(5, 1e-5);
    }

    [Fact]
    public void Fit_ConstantAndEqualColumns_ShareTheWeightAndStayFinite()
    {
        var values = Enumerable.Range(0, 300).SelectMany(r => new[] { r % 10 - 4.5f, r % 10 - 4.5f, 7 }).ToArray();
        var set = new TrainingSet
        {
            Task = TaskKind.Regression, Classes = 0, Labels = [.. Enumerable.Range(0, 300).Select(r => 4 * (r % 10 - 4.5f) + 1)],
            Features = new FeatureMatrix(values, 300, [new("a", 0, false), new("same", 0, false), new("constant", 0, false)]),
        };
        var linear = Fit(set, ("l2", 0));
        linear.Weights[0].Zip([2.0, 2, 0]).ShouldAllBe(w => Math.Abs(w.First - w.Second) < 1e-9);
        linear.Biases[0].ShouldBe(1, 1e-9);
    }

    [Fact]
    public void Fit_MissingCategory_CountsInNoColumn()
    {
        var categories = Enumerable.Range(0, 90).Select(r => r % 3 == 2 ? float.NaN : r % 3).ToArray();
        var set = new TrainingSet
        {
            Task = TaskKind.Regression, Classes = 0, Labels = [.. Enumerable.Range(0, 90).Select(r => r % 3 == 0 ? 10f : r % 3 == 1 ? 20f : 5f)],
            Features = new FeatureMatrix(categories, 90, [new("kind", 2, true)]),
        };
        var linear = Fit(set, ("l2", 0));
        linear.Biases[0].ShouldBe(5, 1e-6);
        linear.Weights[0].Zip([5.0, 15]).ShouldAllBe(w => Math.Abs(w.First - w.Second) < 1e-6);
    }

    [Fact]
    public void Fit_Cancelled_Stops() =>
        Should.Throw<OperationCanceledException>(() => new LinearTrainer().Fit(Rows(false), Settings(), 1, null, new CancellationToken(canceled: true)));

    [Fact]
    public void Supports_OnlyNumbers()
    {
        new LinearTrainer().Supports(TaskKind.Binary).ShouldBeFalse();
        new LinearTrainer().Supports(TaskKind.Regression).ShouldBeTrue();
    }

    private static TrainingSet Rows(bool weighted)
    {
        const int rows = 200;
        double[] effects = [1, -2, 0.5, 3];
        var (values, labels) = (new float[rows * 3], new float[rows]);
        for (var i = 0; i < rows; i++)
        {
            var (hour, distance, kind) = (i * 7 % 24, (float)(i * 37 % 101 * 3.5 - 50), i * 5 % 4);
            (values[i * 3], values[i * 3 + 1], values[i * 3 + 2]) = (hour, distance, kind);
            labels[i] = (float)(0.3 * hour - 0.02 * distance + effects[kind] + i * 13 % 17 / 8.0 + 100);
        }

        return new TrainingSet
        {
            Task = TaskKind.Regression, Classes = 0, Labels = labels, Features = new FeatureMatrix(values, rows, [new("hour", 0, false), new("distance", 0, false), new("kind", 4, true)]),
            Weights = weighted ? [.. Enumerable.Range(0, rows).Select(i => 1f + i % 3)] : null,
        };
    }

    private static TrainingSet Numbers(float[] values, float[] labels) =>
        new() { Task = TaskKind.Regression, Classes = 0, Labels = labels, Features = new FeatureMatrix(values, values.Length, [new("hour", 0, false)]) };

    private static Dictionary<string, double> Settings(params (string Name, double Value)[] changes)
    {
        var settings = KnownTrainers.Linear.Hyperparameters.ToDictionary(h => h.Name, h => h.Default);
        foreach (var (name, value) in changes) settings[name] = value;
        return settings;
    }

    private static LinearPredictor Fit(TrainingSet set, params (string Name, double Value)[] changes) =>
        (LinearPredictor)new LinearTrainer().Fit(set, Settings(changes), 1, null, CancellationToken.None);
}
