using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.DuckDb.Tables;
using Serverless.Testing;

namespace Serverless.DuckDb.Tests;

public sealed class TableWriterTests
{
    // More rows than two vectors, every type, missing values, texts on both sides of the 12 bytes that the engine keeps in place.
    [Fact]
    public void Write_EveryTypeOverSeveralVectors_ComesBackAsItWas()
    {
        const int Rows = 5000;
        var random = new Random(1);
        bool[] missing = [.. Enumerable.Range(0, Rows).Select(i => i % 7 == 3)];
        string[] words = ["", "a", "exactly12 by", "more than twelve bytes é", "zero\0within", "日本"];
        int[] codes = [.. Enumerable.Range(0, Rows).Select(i => i % 11 == 0 ? -1 : random.Next(words.Length))];
        var table = new Table(Rows,
        [
            new IntegerColumn("i", [.. Enumerable.Range(0, Rows).Select(i => missing[i] ? 0 : long.MinValue + i)], missing),
            new NumberColumn("n", [.. Enumerable.Range(0, Rows).Select(i => i / 3.0)], null),
            new BooleanColumn("b", [.. Enumerable.Range(0, Rows).Select(i => !missing[i] && i % 2 == 0)], missing),
            new TimestampColumn("t", [.. Enumerable.Range(0, Rows).Select(i => new DateTime(1969, 12, 31, 23, 59, 0).Ticks + i * TimeSpan.TicksPerSecond)], null),
            new StringColumn("s \"quoted\"", codes, words, [.. codes.Select(c => c < 0)]),
        ]);
        using var folder = new TempFolder();
        using var session = Session.Open();
        TableWriter.Write(session, folder["t.parquet"], table, CancellationToken.None);
        using var other = Session.Open();
        var back = TableReader.Read(other, $"SELECT * FROM read_parquet({Sql.Path(folder["t.parquet"])})", [.. table.Columns.Select(c => new RawColumn(c.Name, c.Type, false))], Rows, CancellationToken.None);

        back.Rows.ShouldBe(Rows);
        ((IntegerColumn)back["i"]).Values.ShouldBe(((IntegerColumn)table["i"]).Values);
        back["i"].Missing.ShouldBe(missing);
        ((NumberColumn)back["n"]).Values.ShouldBe(((NumberColumn)table["n"]).Values);
        ((BooleanColumn)back["b"]).Values.ShouldBe(((BooleanColumn)table["b"]).Values);
        ((TimestampColumn)back["t"]).Ticks.ShouldBe(((TimestampColumn)table["t"]).Ticks);
        var texts = (StringColumn)back["s \"quoted\""];
        for (var i = 0; i < Rows; i++) texts[i].ShouldBe(codes[i] < 0 ? null : words[codes[i]]);
    }
}
