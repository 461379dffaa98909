using CsCheck;
using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;
using Serverless.Testing;

namespace Serverless.DuckDb.Tests.Drops;

/// <summary>The cheap look at plainly written rows and the second one at the others say together what one careful look at all says.</summary>
public sealed class PlainLookTests
{
    private static readonly string?[] Cells =
    [
        null, "", " ", "0", "-0", "7", "+7", "007", " 12", "12 ", "1.0", "1.5", "1e2", "1e3", "0x1F", "1_000", "123456", "1234567", "-120", "-121", "2000", "2001", "99999999999999999999", "x", "true", "f",
        "2001-01-05", "2001-01-05 10:11:12", "2001-01-05T10:11:12", "2001-01-05 10:11-05", "2001-01-05 10:11+05", "2001-01-05 10:11:12Z", "2001-01-05 10:11:12+02", "2001-01-05 10:11:12.5",
        "2001-1-5", "2001-02-30", "0000-01-01", "-999-01-01", "10000-1-01", "infinity", "epoch", "2001-01-05 24:00:00", "2001/01/05", "20010105", "1999-12-31 23:59:60",
    ];

    private static readonly DatasetDefinition Contract = EngineFixture.Flights with
    {
        Columns =
        [
            new() { Name = "date", Type = ColumnType.Timestamp, Required = true }, new() { Name = "seen", Type = ColumnType.Timestamp },
            new() { Name = "delay", Type = ColumnType.Integer, Min = -120, Max = 2000 }, new() { Name = "count", Type = ColumnType.Integer, Required = true, Min = 1 },
            new() { Name = "flag", Type = ColumnType.Boolean }, new() { Name = "text", Type = ColumnType.String, Required = true },
        ],
    };

    [Fact]
    public void Plain_AnyCells_SaysWithTheSecondLookWhatTheCarefulLookSays()
    {
        using var session = Session.Open();
        Gen.Int[0, Cells.Length - 1].Array[Contract.Columns.Count].Array[1, 40].Sample(rows =>
        {
            session.Execute("CREATE OR REPLACE TABLE cells (n BIGINT, " + string.Join(", ", Contract.Columns.Select((_, i) => $"c{i} VARCHAR")) + ")");
            session.Execute("INSERT INTO cells VALUES " + string.Join(", ", rows.Select((r, n) => $"({n}, {string.Join(", ", r.Select(c => Cells[c] is { } text ? Sql.Text(text) : "NULL"))})")));
            var source = new DropSource { Relation = "cells", Cells = [.. Contract.Columns.Select((_, i) => new SourceCell($"c{i}", "VARCHAR"))], NotStored = [] };
            var arrived = DateTimeOffset.UnixEpoch;

            session.Execute($"CREATE OR REPLACE TABLE plain AS {ContractSql.Plain(source, Contract, arrived)}");
            var judged = session.Rows($"SELECT COLUMNS(*)::VARCHAR FROM ({ContractSql.Select(ContractSql.Doubtful(source, "plain"), Contract, arrived, also: "_at")})")
                .ToDictionary(r => long.Parse((string)r[^1]!, System.Globalization.CultureInfo.InvariantCulture), r => r[..^1]);
            var quick = session.Rows("SELECT COLUMNS(*)::VARCHAR FROM plain ORDER BY rowid").Select((r, i) => judged.GetValueOrDefault(i) ?? r).ToList();
            var careful = session.Rows($"SELECT COLUMNS(*)::VARCHAR FROM ({ContractSql.Select(source, Contract, arrived)})");
            quick.Select(Text).ShouldBe(careful.Select(Text));
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void Plain_FileWithPlainForms_IsReadAsTheCarefulLookReadsIt()
    {
        using var folder = new TempFolder();
        var path = folder["drop.csv"];
        string[] plain = [.. Cells.OfType<string>().Append("EPOCH").Append("12 Main").Append("7-3").Append("2001-01-05 9:05").Where(c => IsPlain($"x,{c},x"))];
        string[] integers = [.. plain.Where(c => c.Length == 0 || long.TryParse(c, System.Globalization.NumberStyles.AllowLeadingSign, null, out _)), "-120", "-121", "2000", "9223372036854775807"];
        using var session = Session.Open();
        var typed = 0;
        // What is no integer sends the whole file the other way, so there is little of it.
        var row = Gen.Select(Gen.Int[0, 1000].Array[Contract.Columns.Count], Gen.Int[0, 40], (cells, odd) => cells.Select((c, i) =>
            Contract.Columns[i].Type == ColumnType.Integer && odd != i ? integers[c % integers.Length] : plain[c % plain.Length]).ToArray());
        row.Array[1, 8].Sample(rows =>
        {
            File.WriteAllText(path, string.Join(',', Contract.Columns.Select(c => c.Name)) + "\n" + string.Concat(rows.Select(r => string.Join(',', r) + "\n")));
            var source = CsvSource.Open(TextScan.Run(path, FileFormat.Of(path)!, folder.Path, default), FileFormat.Of(path)!, Contract);
            source.Plainly.ShouldNotBeNull();
            session.Execute($"CREATE OR REPLACE TABLE plain AS {ContractSql.Plain(source.Plainly, Contract, DateTimeOffset.UnixEpoch)}");
            var misfits = session.Rows("SELECT 1 FROM reject_errors WHERE error_type = 'CAST'").Count;
            session.Execute("DELETE FROM reject_errors");
            if (misfits > 0) return;
            typed++;
            var judged = session.Rows($"SELECT COLUMNS(*)::VARCHAR FROM ({ContractSql.Select(ContractSql.Doubtful(source, "plain"), Contract, DateTimeOffset.UnixEpoch, also: "_at")})")
                .ToDictionary(r => long.Parse((string)r[^1]!, System.Globalization.CultureInfo.InvariantCulture), r => r[..^1]);
            var quick = session.Rows("SELECT COLUMNS(*)::VARCHAR FROM plain ORDER BY rowid").Select((r, i) => judged.GetValueOrDefault(i) ?? r).ToList();
            quick.Select(Text).ShouldBe(session.Rows($"SELECT COLUMNS(*)::VARCHAR FROM ({ContractSql.Select(source, Contract, DateTimeOffset.UnixEpoch)})").Select(Text));
        }, iter: 150, threads: 1);
        typed.ShouldBeGreaterThan(50);
    }

    private static bool IsPlain(string text)
    {
        var forms = new PlainForms();
        forms.Add(System.Text.Encoding.UTF8.GetBytes(text));
        return forms.Holds;
    }

    [Fact]
    public void Plain_OrdinaryRows_NeedNoSecondLook()
    {
        using var session = Session.Open();
        session.Execute("CREATE TABLE cells AS SELECT '2001-01-05 10:11:12' AS c0, '2001-01-05' AS c1, '-7' AS c2, '12345678' AS c3, NULL::VARCHAR AS c4, 'x' AS c5");
        var source = new DropSource { Relation = "cells", Cells = [.. Contract.Columns.Select((_, i) => new SourceCell($"c{i}", "VARCHAR"))], NotStored = [] };
        session.Execute($"CREATE TABLE plain AS {ContractSql.Plain(source, Contract, DateTimeOffset.UnixEpoch)}");
        session.Rows("SELECT count(_raw) FROM plain")[0][0].ShouldBe(0L);
    }

    [Fact]
    public void Stream_QueryThatFailsMidway_Throws()
    {
        using var session = Session.Open();
        long seen = 0;

        // Again and again: one time in a hundred the engine itself says only that it was interrupted.
        for (var time = 0; time < 40; time++) Should.Throw<EngineException>(() => session.Stream("SELECT CAST(CASE WHEN i = 900000 THEN 'x' ELSE '1' END AS BIGINT) FROM range(1000000) t(i)", (in Chunk chunk) => seen += chunk.Rows))
            .Short.ShouldContain("Could not convert string 'x'");
        session.Stream("SELECT i FROM range(100000) t(i)", (in Chunk chunk) => seen = chunk[0].Values<long>()[chunk.Rows - 1]);
        seen.ShouldBe(99_999);
    }

    // The list with the cells matters only in rows that are wrong.
    private static string Text(object?[] row) => string.Join("|", row.Where((_, i) => i != Contract.Columns.Count + 2 || row[Contract.Columns.Count + 1] is not null).Select(c => c ?? "null"));
}
