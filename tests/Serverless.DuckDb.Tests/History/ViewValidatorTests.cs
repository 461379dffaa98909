using Serverless.DuckDb.History;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Tests.History;

/// <summary>SQL of views that does not compile, touches something, or gives something else: named with its place before there are data, all at once.</summary>
public sealed class ViewValidatorTests : IDisposable
{
    private readonly TempFolder folder = new();

    public ViewValidatorTests()
    {
        folder.Write("serverless.yaml", "name: shop\n");
        folder.Write("datasets/events.yaml", """
            dataset: events
            partition: { column: at, grain: day }
            columns: { at: { type: timestamp, required: true }, person: string, value: number }
            """);
    }

    [Theory]
    [InlineData("SELEC person FROM data", "(5,6): 'sql': ")]
    [InlineData("SELECT person, moment, value AS v FROM data", "(5,6): 'sql': ")]
    [InlineData("SELECT person, \"at\", valu AS v FROM data", "(5,6): 'sql': ")]
    [InlineData("SELECT \"at\", value AS v FROM data", "(5,6): 'sql': it gives no key 'person'.")]
    [InlineData("SELECT person AS persn, \"at\", value AS v FROM data", "(5,6): 'sql': it gives no key 'person'. Did you mean 'persn'?")]
    [InlineData("SELECT person, value AS v FROM data", "(5,6): 'sql': it gives no time 'at'.")]
    [InlineData("SELECT person, \"at\", value FROM data", "(5,6): 'sql': it gives no column 'v'.")]
    [InlineData("SELECT person, person AS \"at\", value AS v FROM data", "(5,6): 'sql': time 'at' must be a timestamp; it is VARCHAR.")]
    [InlineData("SELECT value AS person, \"at\", value AS v FROM data", "(5,6): 'sql': key 'person' is DOUBLE; a key is text, a whole number or a boolean.")]
    [InlineData("SELECT person, \"at\", person AS v FROM data", "(5,6): 'sql': column 'v' is VARCHAR, which does not become number.")]
    [InlineData("SELECT * FROM read_csv('secret.csv')", "(5,6): 'sql': ")]
    [InlineData("SELECT * FROM 'secret.parquet'", "(5,6): 'sql': ")]
    [InlineData("SELECT person, \"at\", length(content) AS v FROM data, read_text('secret.txt')", "(5,6): 'sql': ")]
    [InlineData("SELECT person, \"at\", value AS v FROM glob('*')", "(5,6): 'sql': ")]
    [InlineData("COPY data TO 'out.csv'", "(5,6): 'sql': ")]
    [InlineData("ATTACH 'other.db'", "(5,6): 'sql': ")]
    [InlineData("INSTALL httpfs", "(5,6): 'sql': ")]
    [InlineData("SET threads = 8", "(5,6): 'sql': ")]
    [InlineData("DELETE FROM data", "(5,6): 'sql': ")]
    [InlineData("DROP TABLE data", "(5,6): 'sql': ")]
    [InlineData("SELECT 1; SELECT person, \"at\", value AS v FROM data", "(5,6): 'sql': ")]
    [InlineData("SELECT person, \"at\", value AS v FROM events", "(5,6): 'sql': ")]
    [InlineData("SELECT person, \"at\", getenv('HOME') AS v FROM data", "(5,6): 'sql': ")]
    [InlineData("", "(1,1): a view needs ")]
    public void View_SqlThatIsWrong_IsNamedWithItsPlace(string sql, string expected)
    {
        folder.Write("secret.csv", "person,at,v\na,2024-01-01,1\n");
        folder.Write("features/stats.yaml", $"view: stats\ndataset: events\nkeys: [person]\ntime: at\nsql: {sql}\ncolumns: {{ v: number }}\n");
        var problems = Problems();
        problems.ShouldContain(p => p.StartsWith("features/stats.yaml" + expected, StringComparison.Ordinal), $"{sql}\n{string.Join('\n', problems)}");
        Directory.EnumerateFiles(folder.Path, "out.csv", SearchOption.AllDirectories).ShouldBeEmpty();
        Directory.EnumerateFiles(folder.Path, "other.db", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("value", "it is no yes or no for each row")]
    [InlineData("valu > 1", "")]
    [InlineData("value > (SELECT 1 FROM read_csv('secret.csv'))", "")]
    [InlineData("value >", "")]
    public void View_ConditionThatIsWrong_IsNamedWithItsPlace(string condition, string expected)
    {
        folder.Write("features/stats.yaml", $"view: stats\ndataset: events\nkeys: [person]\ntime: at\nfeatures:\n  share: {{ aggregate: rate, condition: \"{condition}\" }}\n");
        var problem = Problems().ShouldHaveSingleItem();
        problem.ShouldStartWith("features/stats.yaml(6,40): feature 'share': 'condition': ");
        problem.ShouldContain(expected);
    }

    [Fact]
    public void Views_SeveralMistakes_AreNamedAtOnce()
    {
        folder.Write("features/a.yaml", "view: a\ndataset: events\nkeys: [person]\ntime: at\nsql: SELECT 1 AS person, 2 AS \"at\"\ncolumns: { v: number, w: string }\n");
        folder.Write("features/b.yaml", "view: b\ndataset: events\nkeys: [person]\ntime: at\nfeatures:\n  x: { aggregate: rate, condition: \"nothing\" }\n  y: { aggregate: rate, condition: \"value > 1\" }\n  z: { aggregate: rate, condition: \"person\" }\n");
        Problems().Length.ShouldBe(5, string.Join("\n", Problems()));
    }

    private string[] Problems()
    {
        var draft = WorkspaceLoader.Read(folder.Path);
        return [.. (draft.Problems.Count > 0 ? draft.Problems : new ViewValidator().Validate(draft.Workspace)).Select(p => p.ToString())];
    }

    public void Dispose() => folder.Dispose();
}
