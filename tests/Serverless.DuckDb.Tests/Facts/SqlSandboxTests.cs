using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Tests.Facts;

/// <summary>SQL in a dataset file computes over the rows, and can do nothing else.</summary>
public sealed class SqlSandboxTests : IDisposable
{
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData("COPY data TO '{0}'", "only a SELECT")]
    [InlineData("COPY (SELECT 1) TO '{0}' (FORMAT csv)", "only a SELECT")]
    [InlineData("EXPORT DATABASE '{0}'", "only a SELECT")]
    [InlineData("ATTACH '{0}' AS other", "only a SELECT")]
    [InlineData("INSTALL httpfs", "only a SELECT")]
    [InlineData("LOAD httpfs", "only a SELECT")]
    [InlineData("PRAGMA database_list", "only a SELECT")]
    [InlineData("SET enable_external_access=true", "only a SELECT")]
    [InlineData("RESET lock_configuration", "only a SELECT")]
    [InlineData("CREATE TABLE t AS SELECT 1", "only a SELECT")]
    [InlineData("INSERT INTO data VALUES (1, 'x')", "only a SELECT")]
    [InlineData("UPDATE data SET n = 1", "only a SELECT")]
    [InlineData("DELETE FROM data", "only a SELECT")]
    [InlineData("DROP TABLE data", "only a SELECT")]
    [InlineData("CALL duckdb_settings()", "only a SELECT")]
    [InlineData("CHECKPOINT", "only a SELECT")]
    [InlineData("EXPLAIN ANALYZE SELECT 1", "only a SELECT")]
    [InlineData("SELECT 1; SELECT 2", "there are 2 statements")]
    [InlineData("SELECT 1; COPY data TO '{0}'", "only a SELECT")]
    [InlineData("SELECT count(*) FROM read_csv('{0}')", "'read_csv'")]
    [InlineData("SELECT count(*) FROM read_text('/etc/passwd')", "'read_text'")]
    [InlineData("SELECT count(*) FROM read_blob('/etc/passwd')", "'read_blob'")]
    [InlineData("SELECT count(*) FROM read_parquet('*.parquet')", "'read_parquet'")]
    [InlineData("SELECT count(*) FROM parquet_scan('*.parquet')", "'parquet_scan'")]
    [InlineData("SELECT count(*) FROM read_json('https://example.com/a.json')", "'read_json'")]
    [InlineData("SELECT count(*) FROM glob('/*')", "'glob'")]
    [InlineData("SELECT count(*) FROM sniff_csv('/etc/passwd')", "'sniff_csv'")]
    [InlineData("SELECT count(*) FROM '{0}'", "cannot be read")]
    [InlineData("SELECT count(*) FROM 'https://example.com/a.parquet'", "cannot be read")]
    [InlineData("SELECT count(*) FROM \"/etc/passwd\"", "cannot be read")]
    [InlineData("SELECT count(*) FROM information_schema.tables", "cannot be read")]
    [InlineData("SELECT count(*) FROM duckdb_settings()", "'duckdb_settings'")]
    [InlineData("SELECT max(value) FROM duckdb_settings() WHERE name = 'temp_directory'", "'duckdb_settings'")]
    [InlineData("SELECT count(*) FROM _rows", "cannot be read")]
    [InlineData("SELECT count(*) FROM data JOIN read_csv('{0}') ON true", "'read_csv'")]
    [InlineData("SELECT (SELECT count(*) FROM read_csv('{0}'))", "'read_csv'")]
    [InlineData("WITH t AS (SELECT * FROM read_csv('{0}')) SELECT count(*) FROM t", "'read_csv'")]
    [InlineData("SELECT count(*) FROM query('SELECT 1')", "'query'")]
    [InlineData("SELECT count(*) FROM query_table('data')", "'query_table'")]
    [InlineData("SELECT length(getenv('HOME'))", "'getenv'")]
    [InlineData("SELECT length(current_setting('temp_directory'))", "'current_setting'")]
    [InlineData("SELECT nextval('s')", "'nextval'")]
    [InlineData("SELECT length(content) FROM (SELECT unnest(['a']) AS content)", "'unnest'")]
    [InlineData("SELECT length(repeat('x', 4000000000))", "'repeat'")]
    [InlineData("SELECT count(*) FROM range(100000000000)", "'range'")]
    [InlineData("SELECT length(current_user)", "'current_user'")]
    [InlineData("SELECT count( FROM data", "syntax error")]
    [InlineData("WITH a AS (SELECT replace(word, 'a', 'aaaaaaaaaa') AS w FROM data), b AS (SELECT replace(w, 'a', 'aaaaaaaaaa') AS w FROM a) SELECT max(length(w)) FROM b", "100 times as long")]
    [InlineData("SELECT max(length(w)) FROM (SELECT w || w || w || w || w || w AS w FROM (SELECT word || word || word || word || word || word AS w FROM data))", "36 times as long")]
    [InlineData("SELECT (SELECT max(length(replace(word, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))) FROM data)", "50 times as long")]
    [InlineData("WITH RECURSIVE t(s) AS (SELECT 'a' UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t", "recursive query")]
    [InlineData("SELECT max(length(replace(word, 'a', word))) FROM data", "a text in quotes")]
    [InlineData("WITH a AS (WITH b AS (SELECT getenv('HOME') AS x) SELECT * FROM b) SELECT count(*) FROM a", "'getenv'")]
    [InlineData("SELECT n FROM data", "more than one row")]
    [InlineData("SELECT n FROM data WHERE n > 100", "no row")]
    [InlineData("SELECT 1, 2", "2 columns")]
    [InlineData("SELECT max(word) FROM data", "no number")]
    public async Task Query_ThatReachesElsewhereOrAnswersNoNumber_IsErroredAlone(string query, string why)
    {
        var target = Path.Combine(fixture.Folder, "escaped.csv");
        var (sql, size) = await AskAsync(query.Replace("{0}", target, StringComparison.Ordinal));

        sql.Outcome.ShouldBe(Outcome.Errored);
        sql.Message!.ShouldContain(why);
        sql.Message!.ShouldNotContain(fixture.Folder + Path.DirectorySeparatorChar + "out");
        size.Outcome.ShouldBe(Outcome.Passed);
        File.Exists(target).ShouldBeFalse();
        Directory.Exists(target).ShouldBeFalse();
    }

    [Theory]
    [InlineData("SELECT count(*) FROM data WHERE n > 1", 2)]
    [InlineData("SELECT avg(n) FROM data;", 2)]
    [InlineData("WITH d AS (SELECT word, count(*) AS c FROM data GROUP BY word) SELECT max(c) FROM d", 2)]
    [InlineData("SELECT count(*) FROM (SELECT n, lag(n) OVER (ORDER BY n) AS before FROM data) WHERE n - before > 1", 0)]
    [InlineData("SELECT count(*) FROM data a JOIN data b ON a.n = b.n + 1", 2)]
    [InlineData("SELECT sum(n) FILTER (WHERE word = 'a') FROM data -- a remark", 3)]
    [InlineData("SELECT bool_and(n > 0) FROM data", 1)]
    public async Task Query_OverTheRows_Answers(string query, double value) => (await AskAsync(query)).Sql.Value.ShouldBe(value);

    [Theory]
    [InlineData("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t")]
    [InlineData("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t")]
    public void Query_ThatNeverEnds_IsStopped(string query)
    {
        using var session = Session.Open();
        session.Execute("CREATE TABLE source AS SELECT range AS n, NULL::TIMESTAMP AS _key FROM range(3)");
        using var sandbox = SqlSandbox.Open(session, "source", [new() { Name = "n", Type = ColumnType.Integer }], new SqlLimits(TimeSpan.FromSeconds(1), TimeSpan.Zero), CancellationToken.None);
        var watch = Stopwatch.StartNew();

        Should.Throw<EngineException>(() => sandbox.Ask(query, null, Periods.NoKey, CancellationToken.None)).Message.ShouldBe("it was stopped after 1 s: it takes too long.");

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        sandbox.Ask("SELECT count(*) FROM data", null, Periods.NoKey, CancellationToken.None).ShouldBe(3);
    }

    [Fact]
    public void Query_ThatNeedsTooMuch_IsStoppedOrRefused()
    {
        using var session = Session.Open();
        session.Execute("CREATE TABLE source AS SELECT range AS n, NULL::TIMESTAMP AS _key FROM range(20000)");
        using var sandbox = SqlSandbox.Open(session, "source", [new() { Name = "n", Type = ColumnType.Integer }], new SqlLimits(TimeSpan.FromSeconds(2), TimeSpan.Zero), CancellationToken.None);

        Should.Throw<EngineException>(() => sandbox.Ask("SELECT count(DISTINCT a.n * 20000 + b.n + c.n) FROM data a, data b, data c", null, Periods.NoKey, CancellationToken.None))
            .Message.ShouldMatch("takes too long|[Mm]emory|space");
    }

    [Theory]
    [InlineData("(SELECT count(*) FROM read_csv('/etc/passwd')) > 0", "subquery")]
    [InlineData("n IN (SELECT n FROM data)", "subquery")]
    [InlineData("n > 0) OR (n < 0", null)]
    [InlineData("n > 0) FROM data; DROP TABLE rows; SELECT (n > 0", "only a SELECT")]
    [InlineData("true) AS a, (SELECT 1", "more than one condition")]
    [InlineData("getenv('HOME') = 'x'", "'getenv'")]
    [InlineData("current_setting('temp_directory') <> ''", "'current_setting'")]
    [InlineData("row_number() OVER () > 1", "window")]
    [InlineData("_key IS NULL", "no column '_key'")]
    [InlineData("rows.n > 0", "no column 'rows.n'")]
    [InlineData("length(repeat('x', 4000000000)) > 0", "'repeat'")]
    [InlineData("m > 0", "no column 'm'")]
    [InlineData("length(replace(replace(word, 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa')) > 0", "100 times as long")]
    [InlineData("length(upper(regexp_replace(regexp_replace(word, '', 'aaaaaaaaaa', 'g'), '', 'aaaaaaaaaa', 'g'))) > 0", "121 times as long")]
    [InlineData("length(replace(concat(word, word, word, word), 'a', 'aaaaaaaaaa')) > 0", "40 times as long")]
    [InlineData("length(CASE WHEN n > 0 THEN replace(word, 'a', word) END) > 0", "a text in quotes")]
    [InlineData("concat(word, '-', word) || word <> replace(replace(word, ' ', ''), '&', '&amp;')", null)]
    [InlineData("n.getenv() = 'x'", "'getenv'")]
    [InlineData("CAST(getenv('HOME') AS VARCHAR) LIKE '%'", "'getenv'")]
    [InlineData("EXISTS (FROM read_text('/etc/passwd'))", "subquery")]
    [InlineData("(FROM glob('/*') SELECT count(*)) > 0", "subquery")]
    [InlineData("COLUMNS('.*') IS NOT NULL", "star")]
    [InlineData("list_contains(list_transform([1], x -> x), n)", "is not allowed")]
    [InlineData("count(*) > 0", "'count")]
    [InlineData("$1 > 0", "parameter")]
    [InlineData("write_log('x') IS NULL", "'write_log'")]
    [InlineData("n > 0 -- ) FROM data; COPY data TO 'x'", null)]
    public async Task Condition_ThatIsMoreThanOne_IsErrored(string condition, string? why)
    {
        foreach (var check in new[] { Check("completeness", "n", "min", "0") with { Where = condition }, Check("compliance", null, "condition", condition), Check("count-distinct", "n", "min", "0") with { Where = condition } })
        {
            var result = (await InspectAsync(check))[0];
            if (why is null)
            {
                result.Outcome.ShouldNotBe(Outcome.Errored, result.Message);
                continue;
            }

            result.Outcome.ShouldBe(Outcome.Errored);
            result.Message!.ShouldContain(why);
        }
    }

    // Python's re takes longer than the age of the universe for it; RE2 takes time linear in the text.
    [Fact]
    public async Task Pattern_ThatExplodesElsewhere_IsQuick()
    {
        var watch = Stopwatch.StartNew();
        var result = (await InspectAsync($"n,word\n1,{new string('a', 200_000)}!\n", Check("pattern", "word", "pattern", "^(a+)+$"), Check("pattern", "word", "pattern", "^(a|aa)+$|(a*)*b")));

        result.Select(r => (r.Outcome, r.Value)).ShouldBe([(Outcome.Failed, 0.0), (Outcome.Failed, 0.0)]);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Validator_WrongSql_SaysWhere()
    {
        var validator = new ServiceCollection().AddChecks().AddDuckDb().BuildServiceProvider().GetServices<IWorkspaceValidator>().OfType<SqlValidator>().Single();
        var dataset = Dataset(
            Check("sql", null, "query", "SELECT count(*) FROM read_csv('/etc/passwd')"), Check("compliance", null, "condition", "nn > 0"),
            Check("size", null, "min", "1") with { Where = "word", WhereAt = (9, 40) }, Check("sql", null, "query", "SELECT 1, 2"), Check("sql", null, "query", "SELECT count(*) FROM data WHERE m = 1"),
            Check("compliance", null, "condition", "n > 0 AND word LIKE 'a%' AND n IN (1, 2) OR date_part('year', now()) > 2000"), Check("size", null, "min", "1") with { Where = "n BETWEEN 1 AND 2" });
        var workspace = new Workspace
        {
            Name = "w", Root = "", Storage = new StorageSettings(), ApiKeys = [], Hash = "", Models = new Dictionary<string, Models.ModelDefinition>(),
            Datasets = new Dictionary<string, DatasetDefinition> { ["d"] = dataset },
        };

        var problems = validator.Validate(workspace).Select(p => p.ToString()).ToArray();
        string[] expected =
        [
            "d.yaml(3,5): check 'sql': 'query': table function 'read_csv' is not allowed; the rows are the table 'data'.",
            "d.yaml(3,5): check 'compliance': 'condition': there is no column 'nn'.",
            "d.yaml(9,40): check 'size': 'where': it is no yes or no for each row.",
            "d.yaml(3,5): check 'sql': 'query': it answers 2 columns; one number is expected.",
            "d.yaml(3,5): check 'sql': 'query': Referenced column \"m\" not found in FROM clause",
        ];
        problems.Length.ShouldBe(expected.Length, string.Join('\n', problems));
        foreach (var (problem, start) in problems.Zip(expected)) problem.ShouldStartWith(start);
    }

    private async Task<(CheckResult Sql, CheckResult Size)> AskAsync(string query)
    {
        var checks = await InspectAsync(Check("sql", null, "query", query), Check("size", null, "min", "1"));
        return (checks[0], checks[1]);
    }

    private Task<IReadOnlyList<CheckResult>> InspectAsync(params CheckDefinition[] checks) => InspectAsync("n,word\n1,a\n2,a\n3,b\n", checks);

    private async Task<IReadOnlyList<CheckResult>> InspectAsync(string csv, params CheckDefinition[] checks) =>
        (await fixture.PartitionAsync("a.csv", csv, Dataset(checks))).Partitions[0].Inspection!.Checks;

    private static DatasetDefinition Dataset(params CheckDefinition[] checks) => new()
    {
        Name = "d", File = "d.yaml", ContractVersion = "", Partition = new PartitionScheme(null, PartitionGrain.Day), Checks = checks,
        Columns = [new() { Name = "n", Type = ColumnType.Integer }, new() { Name = "word", Type = ColumnType.String }],
    };

    private static CheckDefinition Check(string name, string? column, string parameter, string value) => new()
    {
        Check = name, Column = column, Line = 2,
        Parameters = name == "sql" ? new Dictionary<string, Parameter> { [parameter] = new([value], false, 3, 5), ["min"] = new(["0"], false, 1, 1) }
            : new Dictionary<string, Parameter> { [parameter] = new([value], false, 3, 5) },
    };
}
