using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Facts;

/// <summary>The SQL of dataset files (conditions and queries of checks), tried on no rows in a closed database, so that what is wrong is said with its place before there are data.</summary>
internal sealed class SqlValidator : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Datasets.Values.OrderBy(d => d.Name, StringComparer.Ordinal).Where(d => d.Checks.Any(c => Texts(c).Any())).SelectMany(Problems);

    private static IReadOnlyList<Problem> Problems(DatasetDefinition dataset)
    {
        var problems = new List<Problem>();
        using var session = Session.Open();
        session.Execute($"CREATE TABLE data ({string.Join(", ", dataset.Columns.Select(c => $"{Sql.Name(c.Name)} {Sql.Type(c.Type)}"))})");
        session.Close([], CancellationToken.None);
        foreach (var check in dataset.Checks)
        {
            foreach (var (key, text, line, column) in Texts(check))
            {
                if (Problem(session, dataset, key, text) is { } wrong) problems.Add(new Problem($"check '{check.Check}': '{key}': {wrong}", dataset.File, line, column));
            }
        }

        return problems;
    }

    private static string? Problem(Session session, DatasetDefinition dataset, string key, string text)
    {
        var query = key == "query";
        if ((query ? SqlGate.Query(session, text, CancellationToken.None) : SqlGate.Condition(session, text, dataset.Columns, CancellationToken.None)) is { } refused) return refused;
        try
        {
            // Described, not run: a query may take for ever without any rows.
            var described = SqlLimits.Default.Rows(session, query ? $"DESCRIBE (\n{text.Trim().TrimEnd(';')}\n)" : $"DESCRIBE SELECT (\n{text}\n) AS answer FROM data", 0, CancellationToken.None);
            return query && described.Count != 1 ? $"it answers {described.Count} columns; one number is expected."
                : !query && described is not [[_, "BOOLEAN", ..]] ? "it is no yes or no for each row. Compare a column with a value." : null;
        }
        catch (EngineException e)
        {
            return e.Short;
        }
    }

    private static IEnumerable<(string Key, string Text, int Line, int Column)> Texts(CheckDefinition check)
    {
        if (check.Where is { } where) yield return ("where", where, check.WhereAt.Line, check.WhereAt.Column);
        foreach (var key in new[] { (Check: "compliance", Key: "condition"), (Check: "sql", Key: "query") })
        {
            if (check.Check == key.Check && check.Parameters.TryGetValue(key.Key, out var p)) yield return (key.Key, p.Text, p.Line, p.Column);
        }
    }
}
