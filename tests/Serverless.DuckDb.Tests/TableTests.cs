using Serverless.Datasets;

namespace Serverless.DuckDb.Tests;

public sealed class TableTests : IDisposable
{
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    private static readonly Table Sample = new(3,
    [
        new IntegerColumn("i", [1, 0, -3], [false, true, false]),
        new NumberColumn("n", [0.5, 1e300, double.NaN], [false, false, true]),
        new BooleanColumn("b", [true, false, false], null),
        new TimestampColumn("t", [new DateTime(2001, 2, 3, 4, 5, 6, 789).Ticks, 0, new DateTime(1969, 12, 31, 23, 59, 59).Ticks], [false, true, false]),
        new StringColumn("s", [0, -1, 1], ["ü'\"", "a text longer than twelve characters"], [false, true, false]),
    ]);

    [Fact]
    public async Task Read_WhatWriteWrote_IsTheSame()
    {
        var path = Path.Combine(fixture.Folder, "we[i]rd 'name*.parquet");
        await fixture.Engine.WriteAsync(path, Sample);

        var table = await fixture.Engine.ReadAsync([path, path], [.. Sample.Columns.Select(c => new ColumnDefinition { Name = c.Name, Type = c.Type }), new() { Name = "absent", Type = ColumnType.Number }]);

        table.Rows.ShouldBe(6);
        ((IntegerColumn)table["i"]).Values.ShouldBe([1, 0, -3, 1, 0, -3]);
        table["i"].Missing.ShouldBe([false, true, false, false, true, false]);
        ((NumberColumn)table["n"]).Values.ShouldBe([0.5, 1e300, double.NaN, 0.5, 1e300, double.NaN]);
        ((BooleanColumn)table["b"]).Values.ShouldBe([true, false, false, true, false, false]);
        table["b"].Missing.ShouldBeNull();
        ((TimestampColumn)table["t"]).Ticks[..3].ShouldBe(((TimestampColumn)Sample["t"]).Ticks);
        var texts = (StringColumn)table["s"];
        texts.Dictionary.ShouldBe(["ü'\"", "a text longer than twelve characters"]);
        texts.Codes.ShouldBe([0, -1, 1, 0, -1, 1]);
        table["absent"].Missing.ShouldBe([true, true, true, true, true, true]);
    }

    [Fact]
    public async Task ReadFile_Csv_GivesTypedColumnsAndMissingOnes()
    {
        var path = fixture.Write("a.csv", "s,n,extra\nx,1.5,9\n,,9\n");
        var table = await fixture.Engine.ReadFileAsync(path, "a.csv", [new("n", ColumnType.Number, true), new("s", ColumnType.String, false), new("t", ColumnType.Timestamp, false)]);

        table.Rows.ShouldBe(2);
        ((NumberColumn)table["n"]).Values.ShouldBe([1.5, double.NaN]);
        ((StringColumn)table["s"])[0].ShouldBe("x");
        table["t"].Missing.ShouldBe([true, true]);
    }

    [Theory]
    [InlineData("a.csv", "n\n1\nx\n", "a.csv: row 2, column 'n': 'x' is not a finite number.")]
    [InlineData("a.jsonl", "{\"n\":1}\n{\"n\":\"x\"}\n", "a.jsonl: row 2, column 'n': 'x' is not a finite number.")]
    [InlineData("a.jsonl", "{\"n\":1}\n{\"n\":\n", "a.jsonl: row 2: not a JSON object: {\"n\":")]
    [InlineData("a.csv", "n\n1\n2,3\n", "a.csv: line 3: Expected Number of Columns: 1 Found: 2")]
    public async Task ReadFile_BadValue_NamesRowAndColumn(string name, string text, string message)
    {
        var path = fixture.Write(name, text);
        var error = await Should.ThrowAsync<Problems.DataException>(() => fixture.Engine.ReadFileAsync(path, name, [new("n", ColumnType.Number, true)]));
        error.Message.ShouldBe(message);
    }

    [Fact]
    public async Task Read_DamagedParquet_NamesTheFileAndNotItsFolder()
    {
        var path = Path.Combine(fixture.Folder, "0d04f236f79ea98b.parquet");
        await File.WriteAllTextAsync(path, "this is no Parquet at all");
        foreach (var read in new Func<Task>[]
        {
            () => fixture.Engine.ReadAsync([path], EngineFixture.Flights.Columns), () => fixture.Engine.InspectAsync([path], EngineFixture.Flights),
            () => fixture.Engine.ProfileAsync(path, "flights.parquet"),
        })
        {
            var message = (await Should.ThrowAsync<Problems.DataException>(read)).Message;
            message.ShouldContain(".parquet");
            message.ShouldNotContain(fixture.Folder);
        }
    }
}
