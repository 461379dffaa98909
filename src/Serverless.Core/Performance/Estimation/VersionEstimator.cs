using Serverless.Datasets;
using Serverless.Feedback;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.Performance;

/// <summary>Estimates for one version, learned from the holdout rows of its reference: rows that it never saw, with labels.</summary>
internal sealed class VersionEstimator
{
    private const int LeastRows = 100;

    private readonly ModelSchema schema;
    private readonly ScoringPipeline? pipeline;
    private readonly Cbpe? cbpe;
    private readonly Dle? dle;
    private readonly Support? support;
    private readonly string? why;

    private VersionEstimator(ModelSchema schema, ScoringPipeline? pipeline, Cbpe? cbpe, Dle? dle, Support? support, string? why) =>
        (this.schema, this.pipeline, this.cbpe, this.dle, this.support, this.why) = (schema, pipeline, cbpe, dle, support, why);

    public static async Task<VersionEstimator> FitAsync(ModelDefinition model, ModelVersion version, ReferenceStore references, IDataEngine engine, IModelRegistry registry, TrainerCatalogue trainers, CancellationToken cancel)
    {
        var schema = version.Schema;
        VersionEstimator Not(string reason) => new(schema, null, null, null, null, reason);
        try
        {
            using var file = await references.OpenAsync(version, cancel);
            if (await registry.LoadAsync(version.Model, version.Version, cancel) is not ScoringPipeline pipeline) return Not("it cannot be evaluated here");
            var own = new[] { ReferenceColumns.Label, ReferenceColumns.Part }.Select(n => ReferenceColumns.Definition(n, schema.Task));
            var table = await engine.ReadAsync([file.Path], [.. schema.Inputs.Select(i => new ColumnDefinition { Name = i.Name, Type = i.Type }), .. own], cancel);
            var (label, part) = (table[ReferenceColumns.Label], (StringColumn)table[ReferenceColumns.Part]);
            int[] rows = [.. Enumerable.Range(0, table.Rows).Where(i => part[i] == ReferenceColumns.Holdout && !label.IsMissing(i))];
            if (rows.Length < LeastRows) return Not($"its reference has {rows.Length} labelled rows of the holdout; {LeastRows} are needed");
            var holdout = table.Take(rows);
            var outputs = BatchScorer.Outputs(pipeline, holdout, null, cancel);
            if (!AnswerShape.Finite(outputs)) return Not("not all of its answers to the reference are numbers");
            var truth = Truth(holdout[ReferenceColumns.Label], schema);
            if (schema.Task != TaskKind.Regression)
            {
                var binary = schema.Task == TaskKind.Binary;
                var tops = binary ? outputs : Tops(outputs, schema);
                return new VersionEstimator(schema, pipeline, Cbpe.Fit(binary, truth, outputs, schema.Classes.Count, schema.Threshold, model.Trainer.Seed), null, Support.Of(tops), null);
            }

            var name = trainers.Names.Contains("lightgbm") ? "lightgbm" : version.Trainer;
            var trainer = trainers.Get(name, TaskKind.Regression);
            var settings = TrainerCatalogue.Hyperparameters(trainer, new TrainerDefinition(name, new Dictionary<string, Parameter>(), model.Trainer.Seed, 0, 0));
            var features = pipeline.Features.Transform(holdout, [.. Enumerable.Range(0, rows.Length)], cancel);
            return new VersionEstimator(schema, pipeline, null, Dle.Fit(features, truth, outputs, trainer, settings, model.Trainer.Seed, cancel), Support.Of(outputs), null);
        }
        catch (Exception e) when (e is DataException or RequestException)
        {
            return Not(e.Message);
        }
    }

    public EstimatedGroup Estimate(int version, string variant, IReadOnlyList<LoggedAnswer> all, CancellationToken cancel)
    {
        var group = new EstimatedGroup { Version = version, Variant = variant, Rows = all.Count };
        if (pipeline is null || support is null) return group with { Note = why };
        var good = all.Where(p => p.Outputs.Length == schema.Outputs && Array.TrueForAll(p.Outputs, double.IsFinite)).ToList();
        if (good.Count == 0) return group with { Note = "no answer is a number" };
        double[] outputs = [.. good.SelectMany(p => p.Outputs)];
        if (cbpe is not null)
        {
            return group with
            {
                Rows = good.Count, Method = "cbpe", Metrics = cbpe.Estimate(outputs), Confusion = cbpe.Confusion(outputs), Outside = support.Outside(schema.Task == TaskKind.Binary ? outputs : Tops(outputs, schema)),
            };
        }

        var table = LoggedInputs.Table([.. good.Select(p => p.Inputs)], schema.Inputs);
        var features = pipeline.Features.Transform(table, [.. Enumerable.Range(0, good.Count)], cancel);
        return group with { Rows = good.Count, Method = "dle", Metrics = dle!.Estimate(features, outputs, cancel), Outside = support.Outside(outputs) };
    }

    private static double[] Truth(TableColumn label, ModelSchema schema)
    {
        var truth = new double[label.Rows];
        for (var i = 0; i < truth.Length; i++)
        {
            truth[i] = label switch
            {
                BooleanColumn b => b.Values[i] ? 1 : 0, StringColumn s => schema.Classes.ToList().IndexOf(s[i]!), NumberColumn n => n.Values[i], IntegerColumn w => w.Values[i],
                _ => throw new DataException($"labels of the reference are of type {label.Type}"),
            };
        }

        return truth;
    }

    private static double[] Tops(double[] outputs, ModelSchema schema) => [.. outputs.Chunk(schema.Outputs).Select(row => row.Max())];
}
