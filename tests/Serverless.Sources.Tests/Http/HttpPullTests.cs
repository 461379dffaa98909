using Microsoft.AspNetCore.Http;
using Serverless.Partitions;
using Serverless.Testing;

namespace Serverless.Sources.Tests.Http;

public sealed class HttpPullTests
{
    private const string Csv = "id,at,amount\n1,2026-03-01T10:00:00Z,1.5\n2,2026-03-02T10:00:00Z,2.5\n";
    private const string Quick = "    retry: { attempts: 2, first: 1s, longest: 1s }\n";

    [Fact]
    public async Task Pull_Csv_IsIngestedWithItsOrigin()
    {
        await using var server = await TestServer.StartAsync(c =>
        {
            c.Response.Headers.ETag = "\"v1\"";
            return c.Response.WriteAsync(Csv);
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\" }}");

        var report = await fixture.PullAsync();

        (report.Status, report.Files).ShouldBe((PullStatus.Stored, 1));
        (await fixture.RowsAsync()).ShouldBe(["1", "2"]);
        var commit = (await fixture.CommitsAsync()).ShouldHaveSingleItem();
        (commit.By, commit.File).ShouldBe(("pull:shop", "shop.csv"));
        commit.Origin.ShouldBe(new DropOrigin { Source = "shop", Kind = "http", Run = report.Run, Address = $"{server.Url}/orders.csv", ETag = "\"v1\"", Pages = 1, Rows = 2, Inputs = commit.Origin!.Inputs });
        (await fixture.Objects.KeysAsync("runs")).ShouldNotContain(k => k.Contains("/pulled/")); // the fetched bytes are not kept twice
    }

    [Fact]
    public async Task Pull_Unchanged_AsksWithTheTagAndRecords304()
    {
        await using var server = await TestServer.StartAsync(c =>
        {
            c.Response.Headers.ETag = "\"v1\"";
            if (c.Request.Headers.IfNoneMatch == "\"v1\"") c.Response.StatusCode = 304;
            return c.Response.StatusCode == 304 ? Task.CompletedTask : c.Response.WriteAsync(Csv);
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\" }}");
        await fixture.PullAsync();

        var again = await fixture.PullAsync();

        (again.Status, again.Reason).ShouldBe((PullStatus.NothingNew, "304 Not Modified"));
        (await fixture.CommitsAsync()).Count.ShouldBe(1);
        (await fixture.SignalsAsync()).ShouldAllBe(s => !s.Bad);
    }

    [Fact]
    public async Task Pull_ChangedFile_CorrectsWhatItBroughtBefore()
    {
        var text = Csv;
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync(text));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\" }}");
        await fixture.PullAsync();
        text = Csv.Replace("\n2,", "\n3,") + "4,2026-03-03T10:00:00Z,1\n";

        await fixture.PullAsync();

        (await fixture.RowsAsync()).ShouldBe(["1", "3", "4"]);
    }

    [Theory]
    [InlineData("{ by: link }")]
    [InlineData("{ by: field, field: meta.next }")]
    [InlineData("{ by: cursor, field: meta.cursor, parameter: cursor }")]
    [InlineData("{ by: page, parameter: page }")]
    [InlineData("{ by: offset, parameter: offset, size: 2, sizeParameter: limit }")]
    public async Task Pull_InPages_IsOneDropWithEveryRow(string paging)
    {
        await using var server = await TestServer.StartAsync(c => PageAsync(c, 5));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders\", format: json, items: rows, paging: {paging} }}");

        var report = await fixture.PullAsync();

        report.Reason.ShouldBeNull();
        (await fixture.RowsAsync()).ShouldBe(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        (await fixture.CommitsAsync()).ShouldHaveSingleItem().Origin!.Rows.ShouldBe(10);
    }

    [Fact]
    public async Task Pull_CsvInPages_HasOneHeader()
    {
        await using var server = await TestServer.StartAsync(c =>
        {
            var page = int.Parse(c.Request.Query["page"]!);
            return c.Response.WriteAsync("id,at,amount\n" + (page > 3 ? "" : $"{page},2026-03-01T10:00:00Z,1\n{page + 10},2026-03-01T10:00:00Z,1"));
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/o\", format: csv, paging: {{ by: page, parameter: page }} }}");

        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);

        (await fixture.RowsAsync()).ShouldBe(["1", "11", "12", "13", "2", "3"]);
        (await fixture.CommitsAsync())[0].Quarantined.ShouldBe(0);
    }

    [Fact]
    public async Task Pull_HalfAPageByItsLength_StoresNothingAndTheNextGetsAll()
    {
        var whole = false;
        await using var server = await TestServer.StartAsync(c => whole ? c.Response.WriteAsync(Csv) : TestServer.CutAsync(c, Csv, 50));
        using var fixture = new SourceFixture($"  - name: shop\n    kind: http\n    url: {server.Url}/orders.csv\n{Quick}");

        var half = await fixture.PullAsync();

        half.Status.ShouldBe(PullStatus.Failed);
        half.Reason.ShouldBe($"nothing was stored: {server.Url}/orders.csv: the connection was cut after 50 of {Csv.Length} bytes. It was tried 3 times.");
        server.Requests.Count.ShouldBe(3);
        await fixture.NothingStoredAsync();
        (await fixture.SignalsAsync()).ShouldHaveSingleItem().Bad.ShouldBeTrue();

        whole = true;
        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);
        (await fixture.RowsAsync()).ShouldBe(["1", "2"]);
    }

    [Theory]
    [InlineData("cut", "page 3 ({0}/orders?page=3): the connection was cut after 40 of")]
    [InlineData("json", "page 3 ({0}/orders?page=3): the answer is not whole JSON (line 1, byte ")]
    [InlineData("500", "page 3 ({0}/orders?page=3): the source answered 500 Internal Server Error.")]
    [InlineData("206", "page 3 ({0}/orders?page=3): 206 Partial Content: half an answer")]
    public async Task Pull_PageThreeOfFiveFails_StoresNothingNamesItAndTheNextGetsAll(string fault, string expected)
    {
        var broken = true;
        await using var server = await TestServer.StartAsync(async c =>
        {
            if (!broken || c.Request.Query["page"] != "3") await PageAsync(c, 5);
            else if (fault == "cut") await TestServer.CutAsync(c, Page(3, ""), 40);
            else if (fault == "json") await c.Response.WriteAsync(Page(3, "")[..60]);
            else
            {
                c.Response.StatusCode = int.Parse(fault);
                await c.Response.WriteAsync(Page(3, ""));
            }
        });
        using var fixture = new SourceFixture($"  - name: shop\n    kind: http\n    url: {server.Url}/orders\n    format: json\n    items: rows\n    paging: {{ by: page, parameter: page }}\n{Quick}");

        var report = await fixture.PullAsync();

        report.Status.ShouldBe(PullStatus.Failed);
        report.Reason!.ShouldStartWith("nothing was stored: " + string.Format(null, expected, server.Url));
        report.Reason!.ShouldEndWith("It was tried 3 times.");
        await fixture.NothingStoredAsync();

        broken = false;
        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);
        (await fixture.RowsAsync()).Length.ShouldBe(10);
    }

    [Fact]
    public async Task Pull_APassingFault_IsTriedAgainWithinThePull()
    {
        var count = 0;
        await using var server = await TestServer.StartAsync(c =>
        {
            if (Interlocked.Increment(ref count) > 2) return c.Response.WriteAsync(Csv);
            c.Response.StatusCode = 503;
            c.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        });
        using var fixture = new SourceFixture($"  - name: shop\n    kind: http\n    url: {server.Url}/orders.csv\n{Quick}");

        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);
        count.ShouldBe(3);
    }

    [Fact]
    public async Task Pull_SourceThatTurnsInACircle_IsNoticed()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync(Page(1, "\"next\":\"/orders\"")));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders\", format: json, items: rows, paging: {{ by: field, field: meta.next }} }}");

        (await fixture.PullAsync()).Reason.ShouldBe($"nothing was stored: page 1 ({server.Url}/orders) leads back to page 1. Nothing was stored.");
        await fixture.NothingStoredAsync();
    }

    [Fact]
    public async Task Pull_PageParameterThatIsNotHeeded_IsNoticed()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync(Page(1, "")));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders\", format: json, items: rows, paging: {{ by: page, parameter: pg }} }}");

        (await fixture.PullAsync()).Reason!.ShouldContain("page 2 (");
        (await fixture.PullAsync()).Reason!.ShouldContain("is the same as page 1: the source does not heed 'pg'.");
        await fixture.NothingStoredAsync();
    }

    [Fact]
    public async Task Pull_MoreThanMaxSize_StoresNothing()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync(new string('x', 5000)));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\", maxSize: 4KB }}");

        (await fixture.PullAsync()).Reason!.ShouldContain("maxSize");
        await fixture.NothingStoredAsync();
    }

    [Fact]
    public async Task Pull_Since_BringsOnlyWhatIsNewAndAddsIt()
    {
        await using var server = await TestServer.StartAsync(c =>
        {
            var since = int.Parse(c.Request.Query["after"]!);
            return c.Response.WriteAsync("[" + string.Join(',', Enumerable.Range(since + 1, Math.Max(0, Math.Min(3, 7 - since))).Select(Row)) + "]");
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders?after={{since}}\", format: json, since: {{ column: id, first: 0 }} }}");

        for (var i = 0; i < 3; i++) (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);
        var none = await fixture.PullAsync();

        (none.Status, none.Reason, none.Until).ShouldBe((PullStatus.NothingNew, "no rows after 7", "7"));
        (await fixture.RowsAsync()).ShouldBe(["1", "2", "3", "4", "5", "6", "7"]);
        (await fixture.CommitsAsync()).Select(c => (c.Origin!.Since, c.Origin.Until)).ShouldBe([("0", "3"), ("3", "6"), ("6", "7")]);
    }

    [Fact]
    public async Task Pull_ADropThatIsRejected_KeepsNoMarkAndIsFetchedAgain()
    {
        var text = "what,ever\n1,2\n";
        await using var server = await TestServer.StartAsync(c =>
        {
            c.Response.Headers.ETag = $"\"{text.Length}\"";
            c.Response.StatusCode = c.Request.Headers.IfNoneMatch == $"\"{text.Length}\"" ? 304 : 200;
            return c.Response.StatusCode == 304 ? Task.CompletedTask : c.Response.WriteAsync(text);
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\" }}");

        var rejected = await fixture.PullAsync();
        (rejected.Status, rejected.Drops[0].Status).ShouldBe((PullStatus.Rejected, DropStatus.Rejected));
        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Rejected); // asked anew, without the tag
        (await fixture.CommitsAsync()).ShouldBeEmpty();

        text = Csv;
        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);
    }

    [Fact]
    public async Task Pull_Gzip_IsExpandedAndHalfOfItRefused()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(System.Text.Encoding.UTF8.GetBytes(Csv));
        var bytes = packed.ToArray();
        await using var server = await TestServer.StartAsync(c => c.Response.Body.WriteAsync(bytes).AsTask());
        using var fixture = new SourceFixture($"  - name: shop\n    kind: http\n    url: {server.Url}/orders.csv.gz\n{Quick}");
        bytes = bytes[..^12];

        (await fixture.PullAsync()).Reason!.ShouldContain("half an answer: the gzip is cut or damaged");
        await fixture.NothingStoredAsync();

        bytes = packed.ToArray();
        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);
        (await fixture.RowsAsync()).ShouldBe(["1", "2"]);
    }

    private static string Row(int id) => $"{{\"id\":{id},\"at\":\"2026-03-0{1 + (id % 3)}T10:00:00Z\",\"amount\":{id}.5}}";

    private static string Page(int page, string meta) => $"{{\"rows\":[{Row((page * 2) - 2)},{Row((page * 2) - 1)}],\"meta\":{{{meta}}}}}";

    private static Task PageAsync(HttpContext context, int pages)
    {
        var query = context.Request.Query;
        var page = query.ContainsKey("page") ? int.Parse(query["page"]!) : query.ContainsKey("offset") ? (int.Parse(query["offset"]!) / 2) + 1 : query.ContainsKey("cursor") ? int.Parse(query["cursor"]!) : 1;
        if (page > pages) return context.Response.WriteAsync("""{"rows":[],"meta":{}}""");
        var next = $"/orders?page={page + 1}";
        if (page < pages) context.Response.Headers.Link = $"<{next}>; rel=\"next\", </orders?page={pages}>; rel=\"last\"";
        return context.Response.WriteAsync(Page(page, page < pages ? $"\"next\":\"{next}\",\"cursor\":{page + 1}" : "\"next\":null"));
    }
}
