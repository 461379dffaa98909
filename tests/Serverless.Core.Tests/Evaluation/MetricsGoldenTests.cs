using System.Text.Json;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Testing;

namespace Serverless.Core.Tests.Evaluation;

/// <summary>Against scikit-learn 1.2.1 on random and on degenerate rows (constant answers, one class, perfect, ties, probabilities of 0 and 1, one row): golden/metrics.json, written by golden/golden.py.</summary>
public sealed class MetricsGoldenTests
{
    private sealed record Case(string Name, TaskKind Task, double[] Truth, double[] Outputs, int Classes, Dictionary<string, double> Metrics, long[][]? Confusion, double[][]? Curve);

    private static readonly Lazy<Case[]> All = new(() => JsonSerializer.Deserialize<Case[]>(Repository.Read("tests/Serverless.Core.Tests/Evaluation/golden/metrics.json"), ServerlessJson.Options)!);

    public static TheoryData<TaskKind, string> Names => Where(_ => true);

    public static TheoryData<TaskKind, string> Classified => Where(c => c.Confusion is not null);

    public static TheoryData<TaskKind, string> Binary => Where(c => c.Curve is not null);

    [Theory, MemberData(nameof(Names))]
    public void Compute_EqualsScikitLearn(TaskKind task, string name)
    {
        var golden = Of(task, name);
        var found = Metrics.Compute(task, golden.Truth, golden.Outputs, golden.Classes);
        found.Keys.Order(StringComparer.Ordinal).ShouldBe(golden.Metrics.Keys.Order(StringComparer.Ordinal));
        foreach (var (metric, expected) in golden.Metrics) found[metric].ShouldBe(expected, Math.Max(1e-12, Math.Abs(expected) * 1e-11), metric);
    }

    [Theory, MemberData(nameof(Classified))]
    public void Confusion_EqualsScikitLearn(TaskKind task, string name) => ConfusionMatrix.Of(task, Answers(Of(task, name)))!.Counts.ShouldBe(Of(task, name).Confusion!);

    [Theory, MemberData(nameof(Binary))]
    public void Calibration_EqualsCalibrationCurve(TaskKind task, string name)
    {
        var golden = Of(task, name);
        var report = CalibrationReport.Of(task, Answers(golden))!;
        report.EqualWidth.Select(b => b.Stated).ShouldBe(golden.Curve![0], 1e-12);
        report.EqualWidth.Select(b => b.Observed).ShouldBe(golden.Curve[1], 1e-12);
        report.Brier.ShouldBe(golden.Metrics["brier"], 1e-12);
        report.Ece.ShouldBe(golden.Metrics["ece"], 1e-12);
    }

    private static TheoryData<TaskKind, string> Where(Func<Case, bool> which)
    {
        var data = new TheoryData<TaskKind, string>();
        foreach (var golden in All.Value.Where(which)) data.Add(golden.Task, golden.Name);
        return data;
    }

    private static Case Of(TaskKind task, string name) => All.Value.Single(c => c.Task == task && c.Name == name);

    private static Answers Answers(Case golden) =>
        SectionTests.Of(golden.Truth, golden.Outputs, golden.Task == TaskKind.Binary ? ["false", "true"] : [.. Enumerable.Range(0, golden.Classes).Select(i => $"c{i}")]);
}
