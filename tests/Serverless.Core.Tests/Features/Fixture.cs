using Serverless.Datasets;
using Serverless.Models;

namespace Serverless.Core.Tests.Features;

/// <summary>A dataset in memory with one column of each type, some values missing.</summary>
internal static class Fixture
{
    public static DatasetDefinition Dataset { get; } = new()
    {
        Name = "flights",
        Partition = new PartitionScheme("date", PartitionGrain.Day),
        ContractVersion = "0123456789abcdef",
        File = "datasets/flights.yaml",
        Columns =
        [
            new ColumnDefinition { Name = "date", Type = ColumnType.Timestamp, Required = true },
            new ColumnDefinition { Name = "delay", Type = ColumnType.Integer },
            new ColumnDefinition { Name = "distance", Type = ColumnType.Number },
            new ColumnDefinition { Name = "origin", Type = ColumnType.String },
            new ColumnDefinition { Name = "weekend", Type = ColumnType.Boolean },
        ],
    };

    public static ModelDefinition Model(params FeatureDefinition[] features) => new()
    {
        Name = "late",
        Task = TaskKind.Binary,
        Dataset = "flights",
        Label = new ExpressionText("delay > 15", 4, 8),
        Features = features,
        Trainer = new TrainerDefinition("baseline", new Dictionary<string, Parameter>(), 42, 9, 11),
        Holdout = TimeSpan.FromDays(7),
        Gate = new GateDefinition(),
        File = "models/late.yaml",
    };

    public static FeatureDefinition Feature(string name, string from, FeatureEncoding encode = FeatureEncoding.Auto, MissingHandling missing = MissingHandling.Auto) =>
        new() { Name = name, From = new ExpressionText(from, 8, 9), Encode = encode, Missing = missing };

    public static Table Table(int rows, int seed = 42, double missing = 0.1)
    {
        var random = new Random(seed);
        bool[] Gaps() => [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() < missing)];
        var start = new DateTime(2001, 1, 1).Ticks;
        var airports = new[] { "ATL", "JFK", "LAX", "ORD", "SFO" };
        var (delayGaps, distanceGaps, originGaps, weekendGaps) = (Gaps(), Gaps(), Gaps(), Gaps());
        return new Table(rows,
        [
            new TimestampColumn("date", [.. Enumerable.Range(0, rows).Select(i => start + i * 31 * TimeSpan.TicksPerMinute)], null),
            new IntegerColumn("delay", [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(-30, 120))], delayGaps),
            new NumberColumn("distance", [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() * 2500)], distanceGaps),
            new StringColumn("origin", [.. Enumerable.Range(0, rows).Select(i => originGaps[i] ? -1 : random.Next(airports.Length))], airports, originGaps),
            new BooleanColumn("weekend", [.. Enumerable.Range(0, rows).Select(_ => random.Next(2) == 0)], weekendGaps),
        ]);
    }
}
