using Serverless.Secrets;
using Serverless.Sources;

namespace Serverless.Core.Tests.Workspaces;

/// <summary>One mistake in a source at a time: the message names the place and what was expected.</summary>
public sealed class SourcesSectionTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("kind: htp", "(16,11): 'kind' cannot be 'htp'. Did you mean 'http'? Allowed: http, folder, container, sql.")]
    [InlineData("kind: http", "(15,5): http has no 'url'; expected an http(s) address.")]
    [InlineData("kind: http\n    url: ftp://x/a.csv", "(17,10): 'url' must be an absolute http(s) address.")]
    [InlineData("kind: http\n    url: https://u:p@x/a.csv", "(17,10): 'url' holds a user or a password;")]
    [InlineData("kind: http\n    url: https://x/a.csv?api_key=abc", "(17,10): 'url' holds what looks like a secret in 'api_key'; put it into 'query', by reference")]
    [InlineData("kind: http\n    url: https://x/a", "(15,5): the address does not tell the format; add 'format': one of csv, tsv, jsonl, json, parquet.")]
    [InlineData("kind: http\n    url: https://x/{perod}.csv", "(17,10): there is no placeholder '{perod}'. Did you mean 'period'?")]
    [InlineData("kind: http\n    url: https://x/a.json?s={since}", "(15,5): '{since}' needs 'since'")]
    [InlineData("kind: http\n    url: https://x/a.csv\n    headers: { x-api-key: abc }", "(18,27): 'x-api-key' must be a reference, 'env:NAME' or 'vault:VAULT/NAME'")]
    [InlineData("kind: http\n    url: https://x/a.csv\n    paging: { by: cursor, parameter: c, field: n }", "(18,19): 'by: cursor' needs 'format: json'.")]
    [InlineData("kind: http\n    url: https://x/a.json\n    paging: { by: page }", "(18,13): paging has no 'parameter'; expected the name of the query parameter.")]
    [InlineData("kind: http\n    url: https://x/a.csv\n    shedule: \"0 4 * * *\"", "(18,5): unknown key 'shedule' in http. Did you mean 'schedule'?")]
    [InlineData("kind: http\n    url: https://x/a.csv\n    schedule: daily", "(18,15): 'schedule' must be a cron expression of five fields in UTC")]
    [InlineData("kind: http\n    url: https://x/a.csv\n    limit: { requests: 0 }", "(18,24): 'requests' must be between 1 and 1000, not 0.")]
    [InlineData("kind: http\n    url: https://x/a.csv\n    limit: { per: 1m }", "(18,19): 'per' without 'requests': say how many.")]
    [InlineData("kind: http\n    url: https://x/a.csv\n    maxSize: huge", "(18,14): 'maxSize' must be a size such as 500MB or 2GB, not 'huge'.")]
    [InlineData("kind: folder", "(15,5): folder has no 'path'; expected a folder")]
    [InlineData("kind: container\n    container: c", "(15,5): a container takes exactly one of 'account'")]
    [InlineData("kind: sql\n    provider: sqlite\n    connection: Host=x;Password=abc\n    query: SELECT 1", "(18,17): 'connection' says where the connection string is, 'env:NAME' or 'vault:VAULT/NAME', never the string itself.")]
    [InlineData("kind: sql\n    provider: sqlite\n    connection: env:X\n    query: DELETE FROM t", "(19,12): the query does not read: it must begin with SELECT, WITH, VALUES or TABLE.")]
    [InlineData("kind: sql\n    provider: sqlite\n    connection: env:X\n    query: SELECT 1; DROP TABLE t", "(19,12): the query has more than one statement; one SELECT is expected.")]
    [InlineData("kind: sql\n    provider: sqlite\n    connection: env:X\n    query: SELECT 1\n    since: { column: id, first: 0 }", "(20,12): 'since' is given, but the query has no '@since'")]
    [InlineData("kind: sql\n    provider: sqlite\n    connection: env:X\n    query: SELECT a FROM t WHERE a > @since", "(19,12): '@since' needs 'since'")]
    public void Source_OneMistake_IsNamedAndNoSecretRepeated(string source, string expected)
    {
        folder.Write("datasets/flights.yaml", WorkspaceFolder.Flights + $"\nsources:\n  - name: a\n    {source}\n");

        var problem = folder.Problems().ShouldHaveSingleItem().ToString();

        problem.ShouldStartWith("datasets/flights.yaml" + expected);
        problem.ShouldNotContain("abc");
    }

    [Fact]
    public void Sources_OfEachKind_AreReadAsWritten()
    {
        folder.Write("datasets/flights.yaml", WorkspaceFolder.Flights + """

            sources:
              - name: web
                kind: http
                url: https://x/{period:yyyyMMdd}.csv.gz
                headers: { authorization: "Bearer env:TOKEN", accept: text/csv }
                schedule: "30 4 * * *"
                limit: { requests: 60, per: 1m, concurrency: 2, share: api }
                retry: { attempts: 2, first: 2s, longest: 10s }
                maxSize: 5MB
              - { name: files, kind: folder, path: in, pattern: "*.csv" }
              - { name: blobs, kind: container, account: shop, container: exports, prefix: daily }
              - { name: db, kind: sql, provider: postgres, connection: "vault:shop/db", query: "SELECT a FROM t WHERE a > @since;", since: { column: a, first: 0 } }
            """);

        var sources = folder.Load().Dataset("flights").Sources;

        var web = sources[0].ShouldBeOfType<HttpSource>();
        (web.Format, web.ByPeriod, web.Appends, web.Schedule, web.MaxBytes).ShouldBe((SourceFormat.Csv, true, false, "30 4 * * *", 5L << 20));
        web.Headers["authorization"].ShouldBe(new SecretText(null, "Bearer ", new SecretReference("env", "TOKEN")));
        web.Headers["accept"].Literal.ShouldBe("text/csv");
        web.Limit.ShouldBe(new SourceLimit { Requests = 60, Per = TimeSpan.FromMinutes(1), Concurrency = 2, Share = "api" });
        web.Retry.ShouldBe(new RetrySettings { Attempts = 2, First = TimeSpan.FromSeconds(2), Longest = TimeSpan.FromSeconds(10) });
        sources[1].ShouldBeOfType<FolderSource>().Path.ShouldBe(Path.Combine(folder.Root, "in"));
        sources[2].ShouldBeOfType<ContainerSource>().Prefix.ShouldBe("daily/");
        var sql = sources[3].ShouldBeOfType<SqlSource>();
        (sql.Connection, sql.Query, sql.Appends, sql.Timeout).ShouldBe((new SecretReference("vault", "shop/db"), "SELECT a FROM t WHERE a > @since", true, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void From_DatasetsInACircle_AreNamed()
    {
        const string Rest = "\npartition: { column: at, grain: day }\ncolumns: { at: timestamp }\n";
        folder.Write("datasets/a.yaml", $"dataset: a{Rest}from: SELECT at FROM b\n").Write("datasets/b.yaml", $"dataset: b{Rest}from: SELECT at FROM a\n");

        folder.Problems().Select(p => p.ToString()).ShouldBe(
        [
            "datasets/a.yaml(4,7): 'from' turns in a circle: 'a' is joined from itself by way of b.",
            "datasets/b.yaml(4,7): 'from' turns in a circle: 'b' is joined from itself by way of a.",
        ]);
    }
}
