using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Scoring;

namespace Serverless.DuckDb.Tests.Scoring;

public sealed class BatchFilesTests : IDisposable
{
    private static readonly RawColumn[] Columns =
    [
        new("at", ColumnType.Timestamp, true), new("distance", ColumnType.Integer, true), new("share", ColumnType.Number, false), new("origin", ColumnType.String, false),
    ];

    private readonly EngineFixture fixture = new();
    private readonly IBatchFiles rows = new ServiceCollection().AddChecks().AddDuckDb().BuildServiceProvider().GetRequiredService<IBatchFiles>();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Read_CsvWithBadRows_EveryRowIsInOnePartOnce()
    {
        var path = fixture.Write("rows.csv", "at,distance,share,origin\n2001-01-01,1,0.5,ATL\n2001-01-02,far,0.5,ATL\n2001-01-03,3,,\n2001-01-04,4,0.1,A,too,many\n2001-01-05,,0.1,ORD\n2001-01-06,6,nan,ORD\n");
        var parts = await ReadAsync(path, 2);

        parts.SelectMany(p => p.Numbers).ShouldBe([1, 2, 3, 5, 6]);
        parts.Take(2).ShouldAllBe(p => p.Rows.Rows == 2);
        var rejects = parts.SelectMany(p => p.Rejects).ToArray();
        rejects.Select(r => (r.Number, r.Check)).ShouldBe([(2, "type:distance"), (4, "columns"), (5, "required:distance"), (6, "finite:share")]);
        rejects[0].Cells.ShouldBe(["2001-01-02", "far", "0.5", "ATL"]);
        rejects[1].Line.ShouldBe("2001-01-04,4,0.1,A,too,many");
        // The part in which the line that could not be cut stands does not count it among its rows.
        parts.SelectMany(p => p.Rejects.Where(r => r.Index is not null).Select(r => p.Numbers[r.Index!.Value] == r.Number)).ShouldAllBe(same => same);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(2048)]
    [InlineData(5000)]
    [InlineData(int.MaxValue)]
    public async Task Read_ParquetOfAnySize_GivesTheSameRowsInTheirOrder(int partRows)
    {
        const int Count = 5_003;
        var path = Path.Combine(fixture.Folder, "rows.parquet");
        await fixture.Engine.WriteAsync(path, new Table(Count,
        [
            new TimestampColumn("at", [.. Enumerable.Range(0, Count).Select(i => new DateTime(2001, 1, 1).AddMinutes(i).Ticks)], null),
            new IntegerColumn("distance", [.. Enumerable.Range(0, Count).Select(i => (long)i)], null),
            new NumberColumn("share", [.. Enumerable.Range(0, Count).Select(i => i / 7.0)], [.. Enumerable.Range(0, Count).Select(i => i % 3 == 0)]),
            new StringColumn("origin", [.. Enumerable.Range(0, Count).Select(i => (i % 5) - 1)], ["a", "b", "a text that is longer than twelve", "d"], null),
        ]));
        (await rows.CountAsync(path, "rows.parquet")).ShouldBe(Count);

        var parts = await ReadAsync(path, partRows);

        parts.Count.ShouldBe((Count + partRows - 1L) / partRows is 0 ? 1 : (int)((Count + (long)partRows - 1) / partRows));
        parts.SkipLast(1).ShouldAllBe(p => p.Rows.Rows == partRows);
        parts.SelectMany(p => p.Numbers).ShouldBe(Enumerable.Range(1, Count).Select(i => (long)i));
        var at = 0;
        foreach (var part in parts)
        {
            for (var row = 0; row < part.Rows.Rows; row++, at++)
            {
                ((TimestampColumn)part.Rows["at"]).Ticks[row].ShouldBe(new DateTime(2001, 1, 1).AddMinutes(at).Ticks);
                ((IntegerColumn)part.Rows["distance"]).Values[row].ShouldBe(at);
                part.Rows["share"].IsMissing(row).ShouldBe(at % 3 == 0);
                if (at % 3 != 0) ((NumberColumn)part.Rows["share"]).Values[row].ShouldBe(at / 7.0);
                ((StringColumn)part.Rows["origin"])[row].ShouldBe((at % 5) switch { 0 => null, 1 => "a", 2 => "b", 3 => "a text that is longer than twelve", _ => "d" });
            }
        }
    }

    [Fact]
    public async Task Read_TimeBeyondTheCalendar_IsRejectedWithItsText()
    {
        var path = Path.Combine(fixture.Folder, "times.parquet");
        using (var session = Sessions.Session.Open()) session.Execute($"COPY (SELECT unnest([TIMESTAMP '2001-01-01', 'infinity', NULL]) AS at, 1::BIGINT AS distance) TO {Sessions.Sql.Text(path)} (FORMAT parquet)");

        var part = (await ReadAsync(path, int.MaxValue)).ShouldHaveSingleItem();

        var reject = part.Rejects.ShouldHaveSingleItem();
        (reject.Number, reject.Index, reject.Check, reject.Cells![0]).ShouldBe((2, 1, "type:at", "infinity"));
    }

    [Theory]
    [InlineData("a.csv", "at,share\n2001-01-01,1\n", "a.csv: line 1 (header): column 'distance' is missing, which the contract requires; found: at, share.")]
    [InlineData("a.parquet", "no parquet", "a.parquet: the file is not readable as Parquet:")]
    [InlineData("a.csv", "", "a.csv: the file is empty: expected a header and rows.")]
    public async Task Read_WhatIsNoFileOfRows_SaysWhy(string name, string text, string why)
    {
        var path = fixture.Write(name, text);
        (await Should.ThrowAsync<DataException>(() => ReadAsync(path, 10))).Message.ShouldStartWith(why);
    }

    [Fact]
    public async Task Read_CallerStops_NothingGoesOn()
    {
        var path = fixture.Write("many.csv", "at,distance\n" + string.Concat(Enumerable.Repeat("2001-01-01,1\n", 10_000)));
        await foreach (var part in rows.ReadAsync(path, "many.csv", Columns, 10))
        {
            part.Rows.Rows.ShouldBe(10);
            break;
        }
    }

    [Theory]
    [InlineData("csv", "row,x\n1,a\n2,b\n3,c\n")]
    [InlineData("jsonl", "{\"row\":1,\"x\":\"a\"}\n{\"row\":2,\"x\":\"b\"}\n{\"row\":3,\"x\":\"c\"}\n")]
    public async Task Copy_SeveralFiles_AreOneInTheirOrder(string extension, string expected)
    {
        string[] paths = [Path.Combine(fixture.Folder, "1.parquet"), Path.Combine(fixture.Folder, "2.parquet")];
        await fixture.Engine.WriteAsync(paths[0], new Table(2, [new IntegerColumn("row", [1, 2], null), new StringColumn("x", [0, 1], ["a", "b"], null)]));
        await fixture.Engine.WriteAsync(paths[1], new Table(1, [new IntegerColumn("row", [3], null), new StringColumn("x", [0], ["c"], null)]));
        var target = Path.Combine(fixture.Folder, $"out.{extension}");
        await rows.CopyAsync(paths, target);
        (await File.ReadAllTextAsync(target)).ShouldBe(expected);
    }

    private async Task<List<RowPart>> ReadAsync(string path, int partRows)
    {
        var parts = new List<RowPart>();
        await foreach (var part in rows.ReadAsync(path, Path.GetFileName(path), Columns, partRows)) parts.Add(part);
        return parts;
    }
}
