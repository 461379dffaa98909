using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.DuckDb.Tests.Drops;

/// <summary>Files that are not the contract's at all: refused as a whole, with what was found, where, and what to do; no file is left for the store.</summary>
public sealed class BadFileTests : IDisposable
{
    private const string Header = "date,delay,distance,origin,destination\n";
    private const string Row = "2001-01-01 10:00:00,5,100,SEA,LAX\n";
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData("a.csv", "", "the file is empty: expected a header and rows.")]
    [InlineData("a.csv", "\n\n  \n", "the file is empty: expected a header and rows.")]
    [InlineData("a.jsonl", "", "the file is empty: expected a JSON object on each line.")]
    [InlineData("a.csv", Header, "the file has a header and no rows.")]
    [InlineData("a.csv", "date;delay;distance;origin;destination\n2001-01-01;1;1;SEA;LAX\n",
        "line 1: the header is one column, 'date;delay;distance;origin;destination'. It seems delimited by a semicolon; expected a comma.")]
    [InlineData("a.tsv", Header + Row, "line 1: the header is one column, 'date,delay,distance,origin,destination'. It seems delimited by a comma; expected a tab.")]
    [InlineData("a.csv", "date,delay,distance,orgin,destination\n" + Row,
        "line 1 (header): column 'origin' is missing, which the contract requires; found: date, delay, distance, orgin, destination. Did you mean 'origin' by 'orgin'? Rename it in the drop.")]
    [InlineData("a.csv", "Date,delay,distance,origin,destination\n" + Row,
        "line 1 (header): column 'date' is missing, which the contract requires; found: Date, delay, distance, origin, destination. Did you mean 'date' by 'Date'? Rename it in the drop.")]
    [InlineData("a.csv", "x,y\n1,2\n", "line 1 (header): columns 'date', 'origin', 'destination' are missing, which the contract requires; found: x, y.")]
    [InlineData("a.csv", "date,delay,delay,origin,destination\n" + Row, "line 1 (header): column 'delay' stands twice (columns 2 and 3). Rename or remove one of them.")]
    [InlineData("a.csv", Header + "1,5,100,SEA,LAX\n2,5,100,SEA,LAX\n",
        "2 of 2 rows are not what the contract says: 2 fail 'type:date' (row 1: '1', expected timestamp (ISO 8601)). Is the delimiter, the order of columns or the format of times another one?")]
    [InlineData("a.csv", Header + "2001-01-01 10:00:00,5\n",
        "1 of 1 rows are not what the contract says: 1 with another number of columns than the header (line 2: Expected Number of Columns: 5 Found: 2). Is the delimiter, the order of columns or the format of times another one?")]
    [InlineData("a.csv", Header + Row + "2001-01-01 10:00:00,5,100,\"SEA,LAX\n" + Row,
        "line 3: a quoted value is not closed, or is followed by other text (Value with unterminated quote found.); what comes after it cannot be told apart: "
        + "2001-01-01 10:00:00,5,100,\"SEA,LAX\n2001-01-01 10:00:00,5,100,SEA,LAX. Close the quote, or double a quote that is part of the text.")]
    [InlineData("a.jsonl", "this is\nno JSON\n", "line 1: not a JSON object, and neither is any other line; expected JSON Lines, one object on each line.")]
    [InlineData("a.json", "[{\"date\":\"2001-01-01\"}]", "line 1: the file is a JSON array; expected JSON Lines, one object on each line (jq -c '.[]' converts it).")]
    [InlineData("a.jsonl", "{\"date\":\"2001-01-01\",\"orign\":\"SEA\",\"destination\":\"LAX\"}\n",
        "in the first 1 lines: column 'origin' is missing, which the contract requires; found: date, destination, orign. Did you mean 'origin' by 'orign'? Rename it in the drop.")]
    [InlineData("a.xlsx", "x", "'a.xlsx' has no extension that says how to read it: expected .csv, .tsv, .jsonl, .ndjson, .json, .parquet, each also with .gz.")]
    [InlineData("a.csv", "PAR1xxxx", "the file is Parquet, but its name says it is text. Rename it to .parquet.")]
    [InlineData("a.csv", "PK\u0003\u0004xxxx", "the file is a zip archive (or an Excel workbook), expected text. Unpack it, or export it as CSV.")]
    [InlineData("a.csv", "a\u0000b\u0000", "line 1: a NUL byte; the file is UTF-16 or binary, expected UTF-8 text.")]
    public async Task Partition_NotTheContract_IsRejectedWithTheReason(string name, string text, string reason)
    {
        var drop = await fixture.PartitionAsync(name, text);

        ShouldBeRejected(drop, reason);
    }

    [Fact]
    public async Task Partition_Latin1_SaysWhichLine()
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(Header + Row + "2001-01-01 10:00:00,5,100,Z"), 0xFC, .. "R,LAX\n"u8];
        ShouldBeRejected(await fixture.PartitionAsync(fixture.WriteBytes("a.csv", text)),
            "line 3, byte 28: 0xFC is not UTF-8 (the file may be Windows-1252 or Latin-1). Save it as UTF-8.");
    }

    [Fact]
    public async Task Partition_Utf16_SaysSo() => ShouldBeRejected(
        await fixture.PartitionAsync(fixture.WriteBytes("a.csv", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Header + Row)])),
        "line 1: the file is UTF-16, expected UTF-8. Save it as UTF-8.");

    [Theory]
    [InlineData(1_000_003)]
    [InlineData(5_000_000)]
    public async Task Partition_BadByteFarIn_IsFoundAtItsLine(int at)
    {
        var lines = new StringBuilder(Header);
        while (lines.Length < at) lines.Append(Row);
        byte[] text = [.. Encoding.UTF8.GetBytes(lines.ToString()), 0xFF, .. "\n"u8];
        var line = 1 + ((lines.Length - Header.Length) / Row.Length) + 1;

        (await fixture.PartitionAsync(fixture.WriteBytes("a.csv", text))).Rejected.ShouldStartWith($"line {line}, byte 1: 0xFF is not UTF-8");
    }

    [Fact]
    public async Task Partition_TruncatedGzip_IsRejected()
    {
        var random = new Random(7);
        var whole = fixture.WriteGzip("whole.csv.gz", Header + string.Concat(Enumerable.Range(0, 20_000).Select(_ => $"2001-01-01 10:00:00,{random.Next(100)},{random.Next(1, 999)},SEA,LAX\n")));
        var bytes = await File.ReadAllBytesAsync(whole);

        (await fixture.PartitionAsync(whole)).Rows.ShouldBe(20_000);
        foreach (var length in new[] { bytes.Length / 2, bytes.Length - 4, bytes.Length - 9, 5 })
        {
            var drop = await fixture.PartitionAsync(fixture.WriteBytes("cut.csv.gz", bytes[..length]), folder: $"out{length}");
            drop.Rejected.ShouldNotBeNull();
            drop.Rejected.ShouldStartWith("the gzip stream is damaged or cut off");
        }

        (await fixture.PartitionAsync(fixture.WriteBytes("no.csv.gz", Encoding.UTF8.GetBytes(Header + Row)))).Rejected.ShouldBe("the file is not gzip, but its name ends with .gz. Rename it, or compress it.");
    }

    [Theory]
    [InlineData("a.csv", "date,Delay,distance,origin,destination,extra,\n2001-01-01 10:00:00,5,100,SEA,LAX,x,\n", "Delay,extra", "delay")]
    [InlineData("a.jsonl", "{\"date\":\"2001-01-01\",\"origin\":\"SEA\",\"destination\":\"LAX\",\"extra\":1}\n", "extra", "")]
    [InlineData("a.csv", Header + Row, "", "")]
    public async Task Partition_OtherColumnsThanTheContracts_AreNamedAndNotStored(string name, string text, string notStored, string absent)
    {
        var drop = await fixture.PartitionAsync(name, text);

        drop.Rejected.ShouldBeNull();
        (string.Join(',', drop.NotStored), string.Join(',', drop.Absent)).ShouldBe((notStored, absent));
    }

    [Fact]
    public async Task Partition_GzipCutAfterManyLines_NamesTheLastReadableLine()
    {
        var random = new Random(7);
        var lines = Enumerable.Range(0, 60_000).Select(_ => $"2001-01-01 10:00:00,{random.Next(100)},{random.Next(1, 999)},SEA,LAX\n").ToArray();
        var bytes = await File.ReadAllBytesAsync(fixture.WriteGzip("whole.csv.gz", Header + string.Concat(lines)));

        var drop = await fixture.PartitionAsync(fixture.WriteBytes("cut.csv.gz", bytes[..(bytes.Length / 2)]));

        var line = int.Parse(Regex.Match(drop.Rejected!, "^the gzip stream is damaged or cut off after line ([0-9]+)\\. Send the file again, whole\\.$").Groups[1].Value, CultureInfo.InvariantCulture);
        line.ShouldBeInRange(29_000, 31_000);
        ShouldBeRejected(drop, drop.Rejected!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Partition_NoParquet_NamesTheDropAndNotTheStoresFile(bool compressed)
    {
        const string text = "PAR1 but no Parquet";
        var path = compressed ? fixture.WriteGzip("a.parquet.gz", text) : fixture.WriteBytes("a.parquet", Encoding.UTF8.GetBytes(text));

        var drop = await fixture.PartitionAsync(path);

        ShouldBeRejected(drop, "the file is not readable as Parquet: ");
        drop.Rejected.ShouldNotBeNull().ShouldContain($"'{Path.GetFileName(path)}'");
        drop.Rejected.ShouldNotContain(fixture.Folder);
    }

    [Fact]
    public async Task Partition_ParquetCutInTheMiddle_NamesTheDropAndNotTheStoresFile()
    {
        var path = Path.Combine(fixture.Folder, "a.parquet");
        await fixture.Engine.WriteAsync(path, new Table(1, [new StringColumn("origin", [0], ["SEA"], null)]));
        var bytes = await File.ReadAllBytesAsync(path);

        var drop = await fixture.PartitionAsync(fixture.WriteBytes("cut.parquet", bytes[..(bytes.Length / 2)]));

        ShouldBeRejected(drop, "the file is not readable as Parquet: ");
        drop.Rejected.ShouldNotBeNull().ShouldContain("'cut.parquet'");
        drop.Rejected.ShouldNotContain(fixture.Folder);
    }

    [Fact]
    public async Task Partition_OneLineWithoutEnd_IsRejectedAfterTwoMegabytes()
    {
        // A sparse file: 1 GB that costs no disk. Only its beginning is ever read.
        var path = Path.Combine(fixture.Folder, "line.csv");
        using (var file = File.Create(path))
        {
            file.Write(Encoding.UTF8.GetBytes(Header + new string('x', 3_000_000)));
            file.SetLength(1_000_000_000);
        }

        ShouldBeRejected(await fixture.PartitionAsync(path),
            "line 2 is longer than 2,000,000 bytes: no row can be that long. Is the file one without line ends, or a binary one?");
    }

    [Fact]
    public async Task Partition_ParquetOfAnotherSchema_NamesColumnAndType()
    {
        var path = Path.Combine(fixture.Folder, "a.parquet");
        await fixture.Engine.WriteAsync(path, new Table(1,
        [
            new NumberColumn("date", [1.5], null), new StringColumn("origin", [0], ["SEA"], null), new StringColumn("destination", [0], ["LAX"], null),
        ]));
        ShouldBeRejected(await fixture.PartitionAsync(path), "Parquet schema: column 'date' is DOUBLE, which cannot be timestamp as the contract says.");

        await fixture.Engine.WriteAsync(path, new Table(1, [new StringColumn("something", [0], ["else"], null)]));
        ShouldBeRejected(await fixture.PartitionAsync(path),
            "Parquet schema: columns 'date', 'origin', 'destination' are missing, which the contract requires; found: something.");
    }

    private void ShouldBeRejected(PartitionedDrop drop, string reason)
    {
        drop.Rejected.ShouldNotBeNull();
        if (reason.EndsWith(": ", StringComparison.Ordinal)) drop.Rejected.ShouldStartWith(reason);
        else drop.Rejected.ShouldBe(reason);
        drop.Partitions.ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(fixture.Folder, "out"), "*.parquet").ShouldBeEmpty();
    }
}
