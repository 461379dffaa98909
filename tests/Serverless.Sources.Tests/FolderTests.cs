namespace Serverless.Sources.Tests;

public sealed class FolderTests
{
    private const string Source = "  - { name: shop, kind: folder, path: in, pattern: \"**/*.csv\" }";

    [Fact]
    public async Task Pull_NewAndChangedFiles_OnceEach()
    {
        using var fixture = new SourceFixture(Source);
        Put(fixture, "in/a.csv", "id,at,amount\n1,2026-03-01T10:00:00Z,1\n");
        Put(fixture, "in/2026/b.csv", "id,at,amount\n2,2026-03-01T10:00:00Z,1\n");
        Put(fixture, "in/readme.md", "no data");
        Put(fixture, "in/.c.csv", "no data");
        Put(fixture, "in/d.csv.part", "no data");

        var first = await fixture.PullAsync();
        (first.Status, first.Files).ShouldBe((PullStatus.Stored, 2));
        (await fixture.PullAsync()).Reason.ShouldBe("no new file among 2");
        Put(fixture, "in/a.csv", "id,at,amount\n3,2026-03-01T10:00:00Z,17\n");
        (await fixture.PullAsync()).Drops.ShouldHaveSingleItem().File.ShouldBe("shop-a.csv");

        (await fixture.RowsAsync()).ShouldBe(["2", "3"]); // what changed is a correction
        (await fixture.CommitsAsync()).Select(c => (c.By, c.File, c.Origin!.Address)).ShouldBe(
            [("pull:shop", "shop-2026__b.csv", "file:2026/b.csv"), ("pull:shop", "shop-a.csv", "file:a.csv"), ("pull:shop", "shop-a.csv", "file:a.csv")]);
    }

    [Fact]
    public async Task Pull_FileStillBeingWritten_WaitsForALaterPull()
    {
        using var fixture = new SourceFixture(Source);
        fixture.Folder.Write("in/a.csv", "id,at,amount\n1,2026-03-01T10:0");

        var early = await fixture.PullAsync();
        early.Status.ShouldBe(PullStatus.NothingNew);
        early.Remarks.ShouldBe(["a.csv was written less than 30 s ago; it is taken at a later pull."]);

        Put(fixture, "in/a.csv", "id,at,amount\n1,2026-03-01T10:00:00Z,1\n");
        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);
    }

    [Fact]
    public async Task Pull_OneBadFile_StoresTheOthersAndAsksForItAgain()
    {
        using var fixture = new SourceFixture(Source);
        Put(fixture, "in/a.csv", "id,at,amount\n1,2026-03-01T10:00:00Z,1\n");
        Put(fixture, "in/b.csv", "who,knows\n1,2\n");

        var report = await fixture.PullAsync();
        (report.Status, report.Files).ShouldBe((PullStatus.Rejected, 2));
        report.Reason!.ShouldStartWith("shop-b.csv was rejected: ");
        (await fixture.RowsAsync()).ShouldBe(["1"]);

        Put(fixture, "in/b.csv", "id,at,amount\n2,2026-03-01T10:00:00Z,1\n");
        (await fixture.PullAsync()).Drops.ShouldHaveSingleItem().File.ShouldBe("shop-b.csv");
        (await fixture.RowsAsync()).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Pull_FolderThatIsNotThere_FailsNamingIt()
    {
        using var fixture = new SourceFixture(Source);

        (await fixture.PullAsync()).Reason!.ShouldBe($"nothing was stored: the folder '{fixture.Folder["in"]}' does not exist, or may not be read.");
    }

    [Theory]
    [InlineData("**/*.csv", "a.csv", true)]
    [InlineData("**/*.csv", "x/y/a.csv", true)]
    [InlineData("*.csv", "x/a.csv", false)]
    [InlineData("2026-??.csv", "2026-01.csv", true)]
    [InlineData("2026-??.csv", "2026-1.csv", false)]
    [InlineData("a+b(1).csv", "a+b(1).csv", true)]
    [InlineData("**/*", "x/.hidden/a.csv", false)]
    public void Pattern_OfAPath_Matches(string pattern, string path, bool expected) => new FilePattern(pattern).Matches(path).ShouldBe(expected);

    private static void Put(SourceFixture fixture, string name, string text) => File.SetLastWriteTimeUtc(fixture.Folder.Write(name, text), DateTime.UtcNow.AddMinutes(-1));
}
