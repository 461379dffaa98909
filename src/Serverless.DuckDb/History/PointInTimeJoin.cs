using Serverless.Datasets;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;
using Serverless.DuckDb.Tables;
using Serverless.FeatureViews;
using Serverless.Problems;

namespace Serverless.DuckDb.History;

/// <inheritdoc cref="IPointInTimeJoin"/>
internal sealed class PointInTimeJoin : IPointInTimeJoin
{
    private const string Groups = "_groups";
    private const string Rows = "_rows";
    private const string Features = "_features";

    public Task<IReadOnlyList<TableColumn>> JoinAsync(Table rows, long[] ticks, IReadOnlyList<HistorySource> sources, CancellationToken cancel = default) => InScratchAsync(session =>
    {
        session.Close([.. sources.SelectMany(s => s.Paths).Distinct()], cancel);
        var (found, loaded) = (new List<TableColumn>(), (string?)null);
        // Sources with the same keys look with the same rows.
        foreach (var source in sources.OrderBy(KeysOf, StringComparer.Ordinal).ToArray())
        {
            if (loaded != KeysOf(source)) Load(session, rows, ticks, source, cancel);
            loaded = KeysOf(source);
            ColumnType[] types = [.. source.Keys.Select(k => rows[k.Column].Type)];
            var (_, columns) = Look(session, source, types, rows.Rows, cancel);
            found.AddRange(columns);
        }

        var byName = found.ToDictionary(c => c.Name, StringComparer.Ordinal);
        return (IReadOnlyList<TableColumn>)[.. sources.SelectMany(s => s.Columns).Select(c => byName[c.Name])];
    }, cancel);

    public Task<Table> CurrentAsync(HistorySource source, DateTimeOffset at, CancellationToken cancel = default) => InScratchAsync(session =>
    {
        session.Close(source.Paths, cancel);
        Guarded(session, source, stop =>
        {
            Data(session, source, stop);
            session.Execute($"CREATE OR REPLACE TABLE {Groups} AS {HistorySql.OwnKeys(source)}", stop);
            return true;
        }, cancel);
        session.Execute($"CREATE OR REPLACE TABLE {Rows} AS SELECT k AS i, k, {Micros(at.UtcTicks)}::BIGINT AS t FROM {Groups}", cancel);
        var count = Convert.ToInt32(session.Rows($"SELECT count(*) FROM {Groups}", cancel)[0][0], System.Globalization.CultureInfo.InvariantCulture);
        // What was known at the time itself counts: whoever asks does so later.
        var (times, columns) = Look(session, source with { Strict = false }, [.. source.Keys.Select(_ => ColumnType.String)], count, cancel);
        var keys = TableReader.Read(session, $"SELECT {string.Join(", ", source.Keys.Select((_, i) => $"key{i}"))} FROM {Groups} ORDER BY k",
            [.. source.Keys.Select(k => new RawColumn(k.Key, ColumnType.String, true))], count, cancel);
        var all = new Table(count, [.. keys.Columns, times, .. columns]);
        return all.Take([.. Enumerable.Range(0, count).Where(i => !times.IsMissing(i) && columns.Any(c => !c.IsMissing(i)))]);
    }, cancel);

    public Task<string?> LooksAheadAsync(HistorySource source, CancellationToken cancel = default) => InScratchAsync(session =>
    {
        session.Close(source.Paths, cancel);
        return Guarded(session, source, stop =>
        {
            Data(session, source, stop);
            return LookAhead.Find(session, source, stop);
        }, cancel);
    }, cancel);

    private static (TableColumn Times, IReadOnlyList<TableColumn> Columns) Look(Session session, HistorySource source, ColumnType[] types, int rows, CancellationToken cancel)
    {
        var select = Guarded(session, source, stop =>
        {
            Data(session, source, stop);
            if (source.Columns[0].Lookup.Kind == LookupKind.Rolling) return HistorySql.Rolling(source, Rows, Groups, types);
            session.Execute($"CREATE OR REPLACE TABLE {Features} AS {HistorySql.FeatureRows(source, Groups, types)}", stop);
            var plain = session.Rows(HistorySql.Plain(Features), stop)[0].All(n => Convert.ToInt64(n, System.Globalization.CultureInfo.InvariantCulture) == 0);
            if (!plain) session.Execute($"CREATE OR REPLACE TABLE {Features}Newest AS {HistorySql.Newest(Features)}", stop);
            return HistorySql.Join(source, Rows, plain ? Features : Features + "Newest");
        }, cancel);
        var times = new Scatter(ColumnType.Integer, rows);
        Scatter[] columns = [.. source.Columns.Select(c => new Scatter(c.Type, rows))];
        session.Read(select, (in Chunk chunk) =>
        {
            var at = chunk[0].Values<long>();
            times.Add(chunk[1], at);
            for (var c = 0; c < columns.Length; c++) columns[c].Add(chunk[c + 2], at);
        }, cancel);
        var micros = (IntegerColumn)times.Finish("_time");
        return (new TimestampColumn("_time", [.. micros.Values.Select(m => m * 10 + DateTime.UnixEpoch.Ticks)], micros.Missing), [.. columns.Select((c, i) => c.Finish(source.Columns[i].Name))]);
    }

    private static void Data(Session session, HistorySource source, CancellationToken cancel)
    {
        foreach (var feature in source.View?.Features.Where(f => f.Condition is not null) ?? [])
        {
            if (SqlGate.Condition(session, feature.Condition!.Text, source.Dataset.Columns, cancel) is { } wrong) throw new DataException($"view '{source.Name}': feature '{feature.Name}': {wrong}");
        }

        if (source.View?.Sql is { } sql && SqlGate.Query(session, sql.Text, cancel) is { } refused) throw new DataException($"view '{source.Name}': {refused}");
        RawColumn[] columns = [.. source.Dataset.Columns.Select(c => new RawColumn(c.Name, c.Type, c.Required))];
        session.Execute($"CREATE OR REPLACE TEMP VIEW data AS {ParquetFiles.Select(session, source.Paths, columns, cancel, finite: true)}", cancel);
    }

    private static T Guarded<T>(Session session, HistorySource source, Func<CancellationToken, T> work, CancellationToken cancel)
    {
        var rows = source.Paths.Count == 0 ? 0 : ParquetFiles.Rows(session, source.Paths, cancel);
        try
        {
            return SqlLimits.Default.Run(work, rows, cancel);
        }
        catch (EngineException e)
        {
            throw new DataException($"'{source.Name}' ({source.View?.File ?? "a feature"}) cannot be computed from dataset '{source.Dataset.Name}': {e.Short}", e);
        }
    }

    private static void Load(Session session, Table rows, long[] ticks, HistorySource source, CancellationToken cancel)
    {
        string[] keys = [.. source.Keys.Select(k => k.Column)];
        var groups = KeyGroups.Find(rows, keys);
        int[] firsts = [.. groups.Firsts];
        TableWriter.Load(session, Groups, new Table(firsts.Length,
            [new IntegerColumn("k", [.. Enumerable.Range(0, firsts.Length).Select(k => (long)k)], null), .. keys.Select((k, i) => rows[k].Take(firsts) with { Name = $"key{i}" })]), cancel);
        long[] with = [.. Enumerable.Range(0, rows.Rows).Where(i => groups.Of[i] >= 0).Select(i => (long)i)];
        TableWriter.Load(session, Rows, new Table(with.Length,
        [
            new IntegerColumn("i", with, null), new IntegerColumn("k", Array.ConvertAll(with, i => groups.Of[i]), null), new IntegerColumn("t", Array.ConvertAll(with, i => Micros(ticks[i])), null),
        ]), cancel);
    }

    private static string KeysOf(HistorySource source) => string.Join('\u001f', source.Keys.Select(k => k.Column));

    private static long Micros(long ticks) => (long)Math.Floor((decimal)(ticks - DateTime.UnixEpoch.Ticks) / 10);

    private static Task<T> InScratchAsync<T>(Func<Session, T> work, CancellationToken cancel) => Task.Run(() =>
    {
        var scratch = Directory.CreateTempSubdirectory("serverless-history-").FullName;
        try
        {
            using var session = Session.Open(scratch);
            return work(session);
        }
        catch (EngineException e)
        {
            throw new DataException($"a point-in-time join failed: {e.Short}", e);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }, cancel);
}
