using System.Numerics;
using Serverless.Core.Tests.Features;
using Serverless.Datasets;
using Serverless.Explanations;
using Serverless.Explanations.Methods;
using Serverless.Explanations.Sentences;
using Serverless.Features;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Core.Tests.Explanations;

/// <summary>Models over columns of every kind, with a feature of two columns and two features of one, and the Shapley values of the definition.</summary>
internal static class Games
{
    public static readonly FeatureDefinition[] Simple =
    [
        Fixture.Feature("hour", "date.Hour"), Fixture.Feature("weekday", "int(date.DayOfWeek)"), Fixture.Feature("distance", "distance", missing: MissingHandling.Keep),
        Fixture.Feature("origin", "origin"), Fixture.Feature("weekend", "weekend", missing: MissingHandling.Keep),
    ];

    public static readonly FeatureDefinition[] Mixed =
    [
        .. Simple, Fixture.Feature("ratio", "delay / (distance + 1)", missing: MissingHandling.Keep), Fixture.Feature("late-far", "delay > 20 && distance > 900", missing: MissingHandling.Keep),
    ];

    public static readonly IExplanationMethod[] Methods = [new PathDependentTrees(), new InterventionalTrees(), new AdditiveTerms(), new SampledShapley(), new LocalSurrogate()];

    public static FeaturePlan Plan(FeatureDefinition[] features, TrainerTraits? traits = null) => FeatureFitting.Fit(
        Fixture.Model(features), FeatureCompiler.SchemaOf(Fixture.Dataset), traits ?? new TrainerTraits(true, true, false), Fixture.Table(400), [.. Enumerable.Range(0, 400)]);

    public static ExplanationSetup Setup(FeaturePlan plan, IPredictor predictor, TaskKind task = TaskKind.Binary, int background = 20)
    {
        var table = Fixture.Table(200, seed: 5);
        var document = new PipelineDocument
        {
            Model = "late", Task = task, Label = "delay > 15", Features = plan.State, Predictor = predictor.Format,
            Classes = task switch { TaskKind.Binary => ["false", "true"], TaskKind.Multiclass => ["low", "middle", "high"], _ => [] },
        };
        return new ExplanationSetup(new ScoringPipeline(document, plan, predictor, 1), Background.Draw(plan, table, [.. Enumerable.Range(0, 200)], background, 3));
    }

    public static ModelExplainer Explainer(ExplanationSetup setup, DatasetDefinition? dataset = null, ModelDefinition? model = null) => new(setup, new ExplanationCatalogue(Methods), new ExplanationWords(
        [new EnglishSentences(), new FrenchSentences()], setup.Pipeline.Schema.Task, setup.Pipeline.Schema.Inputs, setup.Pipeline.Document.Label, dataset ?? Fixture.Dataset, model));

    /// <summary>Trees that split at random on the slots of a plan, of every kind of split.</summary>
    public static TreeEnsemble Trees(FeaturePlan plan, int seed, int trees = 6, int outputs = 1, int depth = 5, Link link = Link.Identity)
    {
        var random = new Random(seed);
        var builder = new TreeEnsembleBuilder(outputs) { Link = link, Slope = link == Link.Sigmoid ? 1.7 : 1, Offset = link == Link.Sigmoid ? -0.3 : 0, Bias = [.. Enumerable.Range(0, outputs).Select(k => 0.1 * k)] };
        for (var t = 0; t < trees * outputs; t++)
        {
            // Children follow their parents: a level at a time, with places known beforehand.
            var first = builder.NextNode;
            var splits = (1 << depth) - 1;
            for (var i = 0; i < splits; i++)
            {
                int Child(int at) => at < splits ? first + at : ~builder.AddLeaf(random.NextDouble() - 0.5);
                var (left, right) = (Child(2 * i + 1), Child(2 * i + 2));
                var slot = random.Next(plan.Slots.Count);
                if (plan.Slots[slot].Cardinality is > 0 and var k)
                {
                    if (random.Next(2) == 0) builder.AddCategory(slot, random.Next(k), left, right);
                    else builder.AddCategories(slot, [(uint)random.Next(1, 1 << k)], left, right);
                }
                else
                {
                    var threshold = plan.Slots[slot].Name switch { "hour" => random.Next(24), "weekday" => random.Next(7), "distance" => random.NextDouble() * 2500, "ratio" => random.NextDouble() * 0.2, _ => 0.5 };
                    if (random.Next(3) == 0) builder.AddZeroMissing(slot, threshold, random.Next(2) == 0, left, right);
                    else builder.AddNumber(slot, threshold, random.Next(2) == 0, left, right);
                }
            }

            builder.AddTree(first);
        }

        return builder.Build();
    }

    public static RawRow[] Rows(FeaturePlan plan, int count, int seed = 77)
    {
        var table = Fixture.Table(count, seed, missing: 0.2);
        var loader = new RowLoader(table, plan.Schema);
        return [.. Enumerable.Range(0, count).Select(r =>
        {
            var row = plan.Schema.NewRow();
            loader.Load(r, row);
            return row;
        })];
    }

    public static float[] Features(FeaturePlan plan, RawRow row)
    {
        var features = new float[plan.Slots.Count];
        plan.Fill(row, features);
        return features;
    }

    /// <summary>The definition: every coalition of raw columns, each mixed row put through the plan and the predictor (Shapley 1953; interventional value function).</summary>
    public static (double Baseline, double[] Values) Definition(ExplanationSetup setup, RawRow row, int output, int backgroundRows)
    {
        var plan = setup.Pipeline.Features;
        var players = plan.Schema.Columns.Count;
        var worth = new double[1 << players];
        for (var coalition = 0; coalition < worth.Length; coalition++)
        {
            for (var b = 0; b < backgroundRows; b++)
            {
                var mixed = plan.Schema.NewRow();
                for (var c = 0; c < players; c++) ColumnGame.Copy((coalition >> c & 1) != 0 ? row : setup.Background!.Rows[b], mixed, c);
                worth[coalition] += setup.Score.One(Features(plan, mixed), output) / backgroundRows;
            }
        }

        return (worth[0], Shapley(worth, players));
    }

    /// <summary>Shapley values of a game given by its worths.</summary>
    public static double[] Shapley(double[] worth, int players)
    {
        double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);
        var values = new double[players];
        for (var c = 0; c < players; c++)
        {
            for (var s = 0; s < worth.Length; s++)
            {
                if ((s >> c & 1) != 0) continue;
                var size = BitOperations.PopCount((uint)s);
                values[c] += Factorial(size) * Factorial(players - size - 1) / Factorial(players) * (worth[s | 1 << c] - worth[s]);
            }
        }

        return values;
    }
}
