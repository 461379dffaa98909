using Serverless.Core.Tests.Features;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Gating;
using Serverless.Models;

namespace Serverless.Core.Tests.Gating;

/// <summary>A holdout in memory, and a guard with settings.</summary>
internal static class GuardFixture
{
    public static readonly string[] Classes = ["false", "true"];

    public static long Day(int day) => new DateTime(2001, 1, day, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>Rows spread evenly over four days from 2001-01-10.</summary>
    public static GuardScope Scope(JudgedRows candidate, JudgedRows? champion = null, ModelDefinition? model = null, string?[]? groups = null, double[]? latencies = null, long bytes = 1000) => new()
    {
        Model = model ?? Fixture.Model() with { Task = candidate.Task },
        Dataset = Fixture.Dataset,
        Candidate = candidate,
        Champion = champion,
        Metrics = Metrics.Compute(candidate.Task, candidate.Truth, candidate.Outputs, candidate.Classes.Count),
        ChampionMetrics = champion is null ? null : Metrics.Compute(champion.Task, champion.Truth, champion.Outputs, champion.Classes.Count),
        Ticks = [.. Enumerable.Range(0, candidate.Rows).Select(i => Day(10) + ((Day(14) - Day(10)) / candidate.Rows * i))],
        Span = (Day(10), Day(14)),
        GroupBy = g => Grouping.FromTexts(g.Name, groups ?? [.. Enumerable.Range(0, candidate.Rows).Select(i => i % 2 == 0 ? "even" : "odd")]),
        Latencies = () => latencies ?? [],
        Bytes = bytes,
    };

    public static GuardDefinition Definition(string guard, params (string Name, string Value)[] settings) =>
        new(guard, settings.ToDictionary(s => s.Name, s => new Parameter([s.Value], false, 3, 7)), 3, 5);

    public static GateFinding[] Judge(this IGuard guard, GuardScope scope, params (string Name, string Value)[] settings) => [.. guard.Judge(new GuardSettings(Definition(guard.Name, settings)), scope)];

    /// <summary>Binary answers that are right with about this AUC.</summary>
    public static JudgedRows Binary(int rows, Func<int, double> strength, int seed = 1)
    {
        var random = new Random(seed);
        var (truth, outputs) = (new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            truth[i] = i / 2 % 2;
            outputs[i] = Math.Clamp(0.5 + ((truth[i] - 0.5) * strength(i)) + (random.NextDouble() - 0.5), 0, 1);
        }

        return new JudgedRows(TaskKind.Binary, truth, outputs, Classes);
    }
}
