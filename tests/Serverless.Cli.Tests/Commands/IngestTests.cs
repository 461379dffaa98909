using System.IO.Compression;
using System.Text;

namespace Serverless.Cli.Tests.Commands;

public sealed class IngestTests
{
    [Fact]
    public async Task Ingest_ADrop_AnswersWithItsPartitions()
    {
        using var folder = SmallWorkspace.Create();

        var json = (await Cli.DoneAsync(folder.Path, "ingest", "trains", folder.Day(1, 24, "2024-03-01 10:00:00,9999,red\n"), "--json")).Json;

        var drop = json.GetProperty("drops").EnumerateArray().ShouldHaveSingleItem();
        drop.GetProperty("status").GetString().ShouldBe("stored");
        drop.GetProperty("quarantined").GetInt64().ShouldBe(1);
        var partition = drop.GetProperty("partitions").EnumerateArray().ShouldHaveSingleItem();
        partition.GetProperty("key").GetString().ShouldBe("2024-03-01");
        partition.GetProperty("rows").GetInt64().ShouldBe(24);
        partition.GetProperty("id").GetString()!.Length.ShouldBe(16);
    }

    [Fact]
    public async Task Ingest_AQuotedPattern_TakesEveryFileInOrder()
    {
        using var folder = SmallWorkspace.Create();
        folder.Day(2);
        folder.Day(1);

        var json = (await Cli.DoneAsync(folder.Path, "ingest", "trains", "drops/*.csv", "--json")).Json;

        json.GetProperty("drops").EnumerateArray().Select(d => d.GetProperty("file").GetString()).ShouldBe(["drops/2024-03-01.csv", "drops/2024-03-02.csv"]);
    }

    [Fact]
    public async Task Ingest_OneOfManyIsMissing_StoresNone()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "ingest", "trains", folder.Day(1), "drops/nope.csv");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldBe("error: file 'drops/nope.csv' does not exist; nothing was ingested.\n");
        (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("empty.csv", "", "empty")]
    [InlineData("header.csv", "at,delay,line\n", "row")]
    [InlineData("semicolon.csv", "at;delay;line\n2024-03-01;1;red\n", "semicolon")]
    [InlineData("missing.csv", "at,delay\n2024-03-01,1\n", "line")]
    [InlineData("twice.csv", "at,delay,line,delay\n2024-03-01,1,red,1\n", "delay")]
    public async Task Ingest_WhatIsNotTheContract_IsRejectedWithTheReasonAndAnswersNo(string name, string text, string reason)
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "ingest", "trains", folder.Write(name, text), "--json");

        run.Code.ShouldBe(ExitCode.No, run.Error);
        var drop = run.Json.GetProperty("drops")[0];
        drop.GetProperty("status").GetString().ShouldBe("rejected");
        drop.GetProperty("reason").GetString()!.ShouldContain(reason);
        (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions").GetArrayLength().ShouldBe(0);
        Directory.EnumerateFiles(folder[".serverless"], name, SearchOption.AllDirectories).ShouldNotBeEmpty("kept for inspection");
    }

    [Fact]
    public async Task Ingest_ExtraAndRenamedColumns_AreSaid()
    {
        using var folder = SmallWorkspace.Create();
        folder.Write("x.csv", "at,Delay,line,phone\n2024-03-01,1,red,555\n");

        var run = await Cli.DoneAsync(folder.Path, "ingest", "trains", "x.csv");

        run.Out.ReplaceLineEndings(" ").ShouldContain(
            "x.csv: Not in the contract, so not stored: Delay, phone. In the contract, but not in the drop, so empty: delay. Is 'Delay' meant to be 'delay'? Rename it in the drop.");
        var again = (await Cli.DoneAsync(folder.Path, "history", "trains", "--json")).Json.GetProperty("partitions");
        again.GetArrayLength().ShouldBe(1);
        Directory.EnumerateFiles(folder[".serverless/objects/landing"], "x.csv", SearchOption.AllDirectories).ShouldNotBeEmpty("the raw drop stays");
    }

    [Fact]
    public async Task Ingest_TruncatedGzip_IsRejected()
    {
        using var folder = SmallWorkspace.Create();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(File.ReadAllBytes(folder.Day(1)));
        File.WriteAllBytes(folder["cut.csv.gz"], packed.ToArray()[..(int)(packed.Length / 2)]);

        var run = await Cli.RunAsync(folder.Path, "ingest", "trains", "cut.csv.gz", "--json");

        run.Code.ShouldBe(ExitCode.No);
        run.Json.GetProperty("drops")[0].GetProperty("status").GetString().ShouldBe("rejected");
    }

    [Fact]
    public async Task Ingest_AFolder_SaysToNameItsFiles()
    {
        using var folder = SmallWorkspace.Create();
        folder.Day(1);

        var run = await Cli.RunAsync(folder.Path, "ingest", "trains", "drops");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe("error: 'drops' is a folder. Name its files: 'drops/*'.\n");
    }

    [Fact]
    public async Task Ingest_TwoFilesOfOneName_IsRefused()
    {
        using var folder = SmallWorkspace.Create();
        folder.Write("a/x.csv", "at,delay,line\n");
        folder.Write("b/x.csv", "at,delay,line\n");

        (await Cli.RunAsync(folder.Path, "ingest", "trains", "a/x.csv", "b/x.csv")).Error.ShouldContain("two of the files are named 'x.csv'");
    }

    [Fact]
    public void SteadyFile_WrittenWhileItIsRead_IsRefused()
    {
        using var folder = SmallWorkspace.Create();
        var path = folder.Day(1);
        using var steady = new Serverless.Cli.Commands.SteadyFile(path, "x.csv");
        steady.ReadByte().ShouldBe('a');
        File.AppendAllText(path, "2024-03-01 10:00:00,1,red\n", Encoding.UTF8);

        var error = Should.Throw<Problems.EnvironmentException>(() => steady.CopyTo(Stream.Null));

        error.Message.ShouldContain("'x.csv' is still being written");
    }
}
