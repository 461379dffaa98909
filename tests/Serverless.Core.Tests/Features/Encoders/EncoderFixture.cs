using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Training;
using Serverless.Workspaces;
using Serverless.Workspaces.Yaml;

namespace Serverless.Core.Tests.Features.Encoders;

/// <summary>Features as a model file writes them, over a dataset with a column of each type and a free text.</summary>
internal static class EncoderFixture
{
    public static readonly TrainerTraits Trees = new(NativeMissing: true, NativeCategories: true, NeedsScaling: false);
    public static readonly TrainerTraits Linear = new(NativeMissing: false, NativeCategories: false, NeedsScaling: true);

    public static DatasetDefinition Dataset { get; } = Fixture.Dataset with
    {
        Columns =
        [
            .. Fixture.Dataset.Columns,
            new ColumnDefinition { Name = "notes", Type = ColumnType.String },
            new ColumnDefinition { Name = "balance", Type = ColumnType.Integer, Min = -1_000_000 },
            new ColumnDefinition { Name = "arrived", Type = ColumnType.Timestamp, KnownAfter = TimeSpan.FromHours(6), Line = 12 },
            new ColumnDefinition { Name = "refund", Type = ColumnType.Number, KnownAfter = TimeSpan.MaxValue, Line = 13 },
        ],
    };

    public static RawSchema Schema { get; } = FeatureCompiler.SchemaOf(Dataset);

    /// <summary>The features of <c>name: ...</c> lines.</summary>
    public static FeatureDefinition[] Parse(params string[] lines)
    {
        var problems = new ProblemLog();
        var map = YamlReader.Read("features:\n" + string.Concat(lines.Select(l => $"  {l}\n")), "models/late.yaml", problems)!;
        var features = FeatureSection.Read(new Section(map, "model", "models/late.yaml", problems), problems);
        problems.Errors.ShouldBeEmpty();
        return [.. features];
    }

    /// <summary>Everything that is wrong with features, as a loader and the compiler say it.</summary>
    public static string[] Wrong(string trainer, string label, params string[] lines)
    {
        var problems = new ProblemLog();
        var map = YamlReader.Read("features:\n" + string.Concat(lines.Select(l => $"  {l}\n")), "models/late.yaml", problems)!;
        var features = FeatureSection.Read(new Section(map, "model", "models/late.yaml", problems), problems);
        var model = Fixture.Model([.. features]) with { Trainer = new TrainerDefinition(trainer, new Dictionary<string, Parameter>(), 42, 9, 11), Label = new ExpressionText(label, 1, 8) };
        return [.. problems.Errors.Concat(FeatureCompiler.Validate(model, Dataset)).Select(p => p.ToString())];
    }

    public static FeaturePlan Fit(Table table, TrainerTraits traits, params string[] lines) => Fit(table, [.. Enumerable.Range(0, table.Rows)], traits, lines);

    public static FeaturePlan Fit(Table table, int[] rows, TrainerTraits traits, params string[] lines) =>
        FeatureFitting.Fit(Fixture.Model(Parse(lines)), Schema, traits, table, rows);

    /// <summary>The matrix of all rows after a fit on all rows, row by row.</summary>
    public static float[][] Encode(Table table, TrainerTraits traits, params string[] lines)
    {
        var matrix = Fit(table, traits, lines).Transform(table, [.. Enumerable.Range(0, table.Rows)]);
        return [.. Enumerable.Range(0, table.Rows).Select(r => matrix.Row(r).ToArray())];
    }

    public static Table Numbers(params double?[] values) =>
        new(values.Length, [new NumberColumn("distance", [.. values.Select(v => v ?? 0)], [.. values.Select(v => v is null)])]);

    public static Table Texts(string column, params string?[] values)
    {
        string[] dictionary = [.. values.OfType<string>().Distinct()];
        return new Table(values.Length, [new StringColumn(column, [.. values.Select(v => v is null ? -1 : Array.IndexOf(dictionary, v))], dictionary, [.. values.Select(v => v is null)])]);
    }

    public static Table Times(params string?[] values) => new(values.Length,
    [
        new TimestampColumn("date", [.. values.Select(v => v is null ? 0 : DateTime.Parse(v, System.Globalization.CultureInfo.InvariantCulture).Ticks)], [.. values.Select(v => v is null)]),
    ]);
}
