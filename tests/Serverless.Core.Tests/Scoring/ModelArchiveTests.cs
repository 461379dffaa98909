using System.IO.Compression;
using Serverless.Problems;
using Serverless.Scoring;

namespace Serverless.Core.Tests.Scoring;

public sealed class ModelArchiveTests
{
    [Theory]
    [InlineData("../evil.txt"), InlineData("a/../../evil.txt"), InlineData("/etc/passwd"), InlineData("C:/evil.txt"), InlineData("..\\evil.txt"), InlineData("a/./b")]
    public void Read_EntryThatLeavesTheFolder_IsRefused(string name)
    {
        var e = Should.Throw<DataException>(() => ModelPackage.Read(Zip((name, new byte[4])), 1));
        e.Message.ShouldBe($"model.zip is damaged: the name of its entry '{name}' leads out of the folder");
    }

    [Theory, InlineData("pipeline.json"), InlineData("PIPELINE.json")]
    public void Read_TwoEntriesOfOneName_IsRefused(string second) =>
        Should.Throw<DataException>(() => ModelPackage.Read(Zip(("pipeline.json", new byte[4]), (second, new byte[4])), 1)).Message.ShouldBe($"model.zip is damaged: it has the entry '{second}' twice");

    [Fact]
    public void Read_EntryThatGrowsAThousandfold_IsRefused() =>
        Should.Throw<DataException>(() => ModelPackage.Read(Zip(("pipeline.json", new byte[20 << 20])), 1)).Message.ShouldMatch("model.zip is damaged: its entry 'pipeline.json' would grow \\d+-fold when unpacked");

    [Fact]
    public void Read_TooManyEntries_IsRefused() =>
        Should.Throw<DataException>(() => ModelPackage.Read(Zip([.. Enumerable.Range(0, 1001).Select(i => ($"e{i}", new byte[1]))]), 1)).Message.ShouldBe("model.zip is damaged: it has 1001 entries; at most 1000 are read");

    [Fact]
    public void Open_DirectoryThatLiesAboutASize_HandsOutNoMore()
    {
        var zip = Zip(("pipeline.json", [.. Enumerable.Repeat((byte)' ', 5000)])).ToArray();
        // The uncompressed size, in the central directory (signature 50 4B 01 02) at offset 24 and in the local header at 22.
        var central = zip.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BitConverter.TryWriteBytes(zip.AsSpan(central + 24), 10);
        using var archive = new ModelArchive(new MemoryStream(zip));
        using var stream = archive.Open("pipeline.json");
        var handedOut = new MemoryStream();
        try
        {
            stream.CopyTo(handedOut);
        }
        catch (InvalidDataException)
        {
            handedOut.Length.ShouldBe(0);
        }

        handedOut.Length.ShouldBeLessThanOrEqualTo(10);
    }

    private static MemoryStream Zip(params (string Name, byte[] Content)[] entries)
    {
        var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var stream = zip.CreateEntry(name).Open();
                stream.Write(content);
            }
        }

        buffer.Position = 0;
        return buffer;
    }
}
