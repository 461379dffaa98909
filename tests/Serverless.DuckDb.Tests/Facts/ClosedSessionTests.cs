using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Tests.Facts;

/// <summary>The second wall: what a statement could do that came through the gate of <see cref="DuckDb.Facts.SqlGate"/> all the same.</summary>
public sealed class ClosedSessionTests : IDisposable
{
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData("SELECT content FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('{other}')")]
    [InlineData("SELECT * FROM '{other}'")]
    [InlineData("SELECT * FROM glob('/etc/*')")]
    [InlineData("SELECT * FROM read_blob('{scratch}/../other.csv')")]
    [InlineData("SELECT * FROM read_parquet('https://example.com/a.parquet')")]
    [InlineData("COPY (SELECT 1) TO '{outside}'")]
    [InlineData("COPY (SELECT 1) TO '{scratch}/../escaped.csv'")]
    [InlineData("ATTACH '{outside}' AS other")]
    [InlineData("EXPORT DATABASE '{outside}'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("SET enable_external_access=true")]
    [InlineData("SET allowed_directories=['/']")]
    [InlineData("SET temp_directory='/'")]
    [InlineData("RESET lock_configuration")]
    [InlineData("PRAGMA enable_external_access=true")]
    public void Close_EverythingElse_IsOutOfReach(string attack)
    {
        var scratch = Directory.CreateDirectory(Path.Combine(fixture.Folder, "scratch")).FullName;
        var outside = Path.Combine(fixture.Folder, "escaped.csv");
        var other = fixture.Write("other.csv", "n\n1\n");
        using var session = Session.Open(scratch);
        session.Close([], CancellationToken.None);

        var sql = attack.Replace("{scratch}", scratch, StringComparison.Ordinal).Replace("{outside}", outside, StringComparison.Ordinal).Replace("{other}", other, StringComparison.Ordinal);
        Should.Throw<EngineException>(() => session.Execute(sql)).Message.ShouldMatch("[Pp]ermission|disabled|locked|not allowed|cannot|Cannot");

        Directory.EnumerateFileSystemEntries(fixture.Folder).Select(Path.GetFileName).Order().ShouldBe(["other.csv", "scratch"]);
        session.Rows("SELECT 1")[0][0].ShouldBe(1);
    }

    [Fact]
    public void Close_NamedFilesScratchAndSpill_StayInReach()
    {
        var scratch = Directory.CreateDirectory(Path.Combine(fixture.Folder, "scratch")).FullName;
        var mine = fixture.Write("mine.csv", "n\n1\n2\n");
        using var session = Session.Open(scratch);
        session.Execute("SET threads=1; SET memory_limit='150MB'");
        session.Close([mine], CancellationToken.None);

        session.Execute($"COPY (SELECT sum(n) AS s FROM read_csv({Sql.Path(mine)})) TO {Sql.Text(Path.Combine(scratch, "sum.parquet"))} (FORMAT parquet)");
        session.Rows($"SELECT s FROM read_parquet({Sql.Path(Path.Combine(scratch, "sum.parquet"))})")[0][0]!.ToString().ShouldBe("3");

        // 3,000,000 texts of 100 characters do not fit into the memory: sorting them needs the spill.
        session.Rows("SELECT count(*), max(place) FROM (SELECT t, row_number() OVER (ORDER BY t) AS place FROM (SELECT lpad(hash(range)::VARCHAR, 100, 'x') AS t FROM range(3000000)))")[0][1].ShouldBe(3_000_000L);
    }
}
