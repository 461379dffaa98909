using Serverless.Datasets;
using Serverless.DuckDb.History;
using Serverless.FeatureViews;
using Serverless.Models;

namespace Serverless.DuckDb.Tests.History;

/// <summary>An event of the history: whose, when, when known, what.</summary>
public sealed record Event(string? Key, int? Second, int? CreatedSecond, double? Value);

/// <summary>A history in a Parquet file, and looks into it.</summary>
public sealed class HistoryFixture : IDisposable
{
    private static readonly DateTime Start = new(2001, 3, 25, 0, 0, 0, DateTimeKind.Utc);
    private readonly EngineFixture engine = new();

    public static DatasetDefinition Dataset { get; } = new()
    {
        Name = "events", File = "datasets/events.yaml", ContractVersion = "0", Partition = new PartitionScheme("at", PartitionGrain.Day),
        Columns =
        [
            new() { Name = "airport", Type = ColumnType.String }, new() { Name = "at", Type = ColumnType.Timestamp },
            new() { Name = "known", Type = ColumnType.Timestamp }, new() { Name = "value", Type = ColumnType.Number },
        ],
    };

    public static ViewDefinition View(TimeSpan? ttl = null, bool created = false, string? sql = "SELECT airport, \"at\", known, value FROM data", params ViewFeature[] features) => new()
    {
        Name = "stats", File = "features/stats.yaml", Dataset = "events", Keys = ["airport"], Time = "at", Created = created ? "known" : null, Ttl = ttl,
        Sql = features.Length > 0 ? null : new ExpressionText(sql!), Features = features.Length > 0 ? features : [new ViewFeature { Name = "value", Type = ColumnType.Number }],
    };

    public static long Ticks(double second) => Start.AddSeconds(second).Ticks;

    public static Table Rows(IReadOnlyList<(string? Key, double Second)> rows)
    {
        string[] names = [.. rows.Select(r => r.Key).OfType<string>().Distinct()];
        return new Table(rows.Count, [new StringColumn("origin", [.. rows.Select(r => r.Key is null ? -1 : Array.IndexOf(names, r.Key))], names, [.. rows.Select(r => r.Key is null)])]);
    }

    public async Task<HistorySource> SourceAsync(IReadOnlyList<Event> events, ViewDefinition? view, LookupDefinition? lookup = null, bool strict = false)
    {
        static bool[] Missing<T>(IEnumerable<T?> values) => [.. values.Select(v => v is null)];
        string[] names = ["", .. events.Select(e => e.Key).OfType<string>().Distinct()];
        var table = new Table(events.Count,
        [
            new StringColumn("airport", [.. events.Select(e => e.Key is null ? -1 : Array.IndexOf(names, e.Key))], names, Missing(events.Select(e => e.Key))),
            new TimestampColumn("at", [.. events.Select(e => Ticks(e.Second ?? 0))], Missing(events.Select(e => e.Second))),
            new TimestampColumn("known", [.. events.Select(e => Ticks(e.CreatedSecond ?? 0))], Missing(events.Select(e => e.CreatedSecond))),
            new NumberColumn("value", [.. events.Select(e => e.Value ?? 0)], Missing(events.Select(e => e.Value))),
        ]);
        var path = Path.Combine(engine.Folder, $"{Guid.NewGuid():N}.parquet");
        await engine.Engine.WriteAsync(path, table);
        LookupDefinition Of(ViewFeature feature) => new()
        {
            Kind = LookupKind.View, Source = "stats", Column = feature.Name, Type = feature.Type, Keys = [new("airport", "origin")], Dataset = "flights",
        };
        return new HistorySource
        {
            Name = "stats", Dataset = Dataset, Paths = [path], View = view, Keys = [new("airport", "origin")], Strict = strict,
            Columns = view is not null ? [.. view.Features.Select(f => (f.Name, f.Type, Of(f)))] : [("looked", lookup!.Type, lookup)],
        };
    }

    public static async Task<IReadOnlyList<double?>[]> LookAsync(HistorySource source, IReadOnlyList<(string? Key, double Second)> rows)
    {
        var columns = await new PointInTimeJoin().JoinAsync(Rows(rows), [.. rows.Select(r => Ticks(r.Second))], [source]);
        return [.. columns.Select(Values)];
    }

    public static IReadOnlyList<double?> Values(TableColumn column) => column switch
    {
        NumberColumn n => [.. n.Values.Select((v, i) => n.IsMissing(i) ? (double?)null : v)],
        IntegerColumn n => [.. n.Values.Select((v, i) => n.IsMissing(i) ? (double?)null : v)],
        _ => throw new ArgumentException(column.GetType().Name),
    };

    public void Dispose() => engine.Dispose();
}
