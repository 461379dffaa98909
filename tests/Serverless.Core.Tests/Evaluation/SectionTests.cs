using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Core.Tests.Evaluation;

/// <summary>Golden values: scikit-learn 1.2.1, calibration_curve and confusion_matrix.</summary>
public sealed class SectionTests
{
    private static readonly Answers Binary = Of([0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0], [.1, .9, .8, .4, .35, .35, .6, .6, .99, .02, .5, .5], "false", "true");
    private static readonly Answers Three = Of([0, 1, 2, 2, 1, 0, 1], [.7, .2, .1, .1, .6, .3, .2, .2, .6, .5, .3, .2, .3, .4, .3, .1, .8, .1, .25, .5, .25], "a", "b", "c");

    internal static Answers Of(double[] truth, double[] outputs, params string[] classes) =>
        new() { Truth = truth, Outputs = outputs, Classes = classes, Predictor = new ConstantPredictor([0.5]), Features = new FeatureMatrix([], 0, []) };

    [Fact]
    public void Calibration_EqualWidth_EqualsCalibrationCurve()
    {
        var report = CalibrationReport.Of(TaskKind.Binary, Binary)!;
        report.EqualWidth.Select(b => b.Rows).ShouldBe([2, 3, 2, 2, 1, 1, 1]);
        Near(report.EqualWidth.Select(b => b.Observed), [0, 1 / 3.0, .5, .5, 1, 1, 1]);
        Near(report.EqualWidth.Select(b => b.Stated), [.06, 1.1 / 3, .5, .6, .8, .9, .99]);
        report.Ece.ShouldBe(0.060833333333333336, 1e-14);
        report.Brier.ShouldBe(0.14879166666666666, 1e-14);
    }

    [Fact]
    public void Calibration_EqualCount_EqualsCalibrationCurve()
    {
        var report = CalibrationReport.Of(TaskKind.Binary, Binary)!;
        Near(report.EqualCount.Select(b => b.Observed), [0, .5, 0, .5, .5, 1, 1]);
        Near(report.EqualCount.Select(b => b.Stated), [.06, .35, .4, .5, .6, .8, .945]);
        report.EceEqualCount.ShouldBe(0.11083333333333331, 1e-14);
    }

    [Fact]
    public void Calibration_Multiclass_IsAboutTheAnswer()
    {
        var report = CalibrationReport.Of(TaskKind.Multiclass, Three)!;
        report.EqualWidth.Sum(b => b.Rows).ShouldBe(7);
        report.EqualWidth.Sum(b => b.Rows * b.Observed).ShouldBe(5, 1e-12);
        report.Brier.ShouldBe(0.5707142857142857, 1e-14);
    }

    [Fact]
    public void Confusion_Binary_EqualsScikitLearn()
    {
        var matrix = ConfusionMatrix.Of(TaskKind.Binary, Binary)!;
        matrix.Counts.ShouldBe([[5, 1], [2, 4]]);
        matrix.Threshold.ShouldBe(0.5);
    }

    [Fact]
    public void Confusion_Multiclass_EqualsScikitLearn() => ConfusionMatrix.Of(TaskKind.Multiclass, Three)!.Counts.ShouldBe([[1, 1, 0], [0, 3, 0], [1, 0, 1]]);

    [Fact]
    public void Confusion_ClassThatTrainingNeverSaw_IsCountedApart()
    {
        var matrix = ConfusionMatrix.Of(TaskKind.Multiclass, Of([0, -1, -1], [.9, .1, .2, .8, .7, .3], "a", "b"))!;
        matrix.Counts.ShouldBe([[1, 0], [0, 0]]);
        matrix.Unseen.ShouldBe([1, 1]);
    }

    [Fact]
    public void Sections_AnswersThatAreNotNumbers_AreLeftOut()
    {
        var broken = Of([0, 1], [double.NaN, 0.5], "false", "true");
        CalibrationReport.Of(TaskKind.Binary, broken).ShouldBeNull();
        ConfusionMatrix.Of(TaskKind.Binary, broken).ShouldBeNull();
    }

    private static void Near(IEnumerable<double> actual, double[] expected)
    {
        var values = actual.ToArray();
        values.Length.ShouldBe(expected.Length);
        for (var i = 0; i < expected.Length; i++) values[i].ShouldBe(expected[i], 1e-14);
    }
}
