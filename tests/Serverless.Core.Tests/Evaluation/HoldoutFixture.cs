using Serverless.Core.Tests.Features;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Models;

namespace Serverless.Core.Tests.Evaluation;

/// <summary>A holdout in memory: some of the rows of a table, in order.</summary>
internal static class HoldoutFixture
{
    public static ModelDefinition Model(TaskKind task = TaskKind.Binary, int seed = 42, CostDefinition? cost = null, params (string Name, string Value)[] metrics) =>
        Fixture.Model(Fixture.Feature("distance", "distance")) with
        {
            Task = task, Cost = cost, Trainer = new TrainerDefinition("baseline", new Dictionary<string, Parameter>(), seed, 9, 11),
            Metrics = [.. metrics.Select((m, i) => new BusinessMetricDefinition { Name = m.Name, Value = new ExpressionText(m.Value, 20 + i, 7) })],
        };

    public static Holdout Of(ModelDefinition model, double[] truth, double[] outputs, Table? table = null, double threshold = 0.5, string[]? classes = null, string[]? names = null)
    {
        classes ??= model.Task == TaskKind.Binary ? ["false", "true"] : [];
        var answers = SectionTests.Of(truth, outputs, classes) with { Threshold = threshold };
        return new Holdout
        {
            Model = model, Table = table ?? new Table(truth.Length, []), Rows = [.. Enumerable.Range(0, truth.Length)], Ticks = new long[truth.Length], ClassNames = names,
            Candidate = answers, Baseline = answers, TrainRows = 100,
        }.WithOwn(default);
    }
}
