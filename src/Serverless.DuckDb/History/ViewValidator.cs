using Serverless.Datasets;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;
using Serverless.FeatureViews;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.DuckDb.History;

/// <summary>The SQL of feature views, tried on no rows in a closed database, so that what is wrong is said with its place before there are data.</summary>
internal sealed class ViewValidator : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) => workspace.Views.Values.OrderBy(v => v.Name, StringComparer.Ordinal)
        .Where(v => v.Sql is not null || v.Features.Any(f => f.Condition is not null)).SelectMany(v => Problems(v, workspace.Datasets[v.Dataset]));

    private static IReadOnlyList<Problem> Problems(ViewDefinition view, DatasetDefinition dataset)
    {
        var problems = new List<Problem>();
        using var session = Session.Open();
        session.Execute($"CREATE TABLE data ({string.Join(", ", dataset.Columns.Select(c => $"{Sql.Name(c.Name)} {Sql.Type(c.Type)}"))})");
        session.Close([], CancellationToken.None);
        foreach (var feature in view.Features.Where(f => f.Condition is not null))
        {
            var condition = feature.Condition!;
            if (Condition(session, condition.Text, dataset) is { } wrong) problems.Add(new Problem($"feature '{feature.Name}': 'condition': {wrong}", view.File, condition.Line, condition.Column));
        }

        if (view.Sql is { } sql) problems.AddRange(Query(session, view, sql.Text).Select(m => new Problem($"'sql': {m}", view.File, sql.Line, sql.Column)));
        return problems;
    }

    private static string? Condition(Session session, string text, DatasetDefinition dataset)
    {
        if (SqlGate.Condition(session, text, dataset.Columns, CancellationToken.None) is { } refused) return refused;
        try
        {
            return SqlLimits.Default.Rows(session, $"DESCRIBE SELECT (\n{text}\n) AS answer FROM data", 0, CancellationToken.None) is [[_, "BOOLEAN", ..]] ? null
                : "it is no yes or no for each row. Compare a column with a value.";
        }
        catch (EngineException e)
        {
            return e.Short;
        }
    }

    private static IEnumerable<string> Query(Session session, ViewDefinition view, string text)
    {
        if (SqlGate.Query(session, text, CancellationToken.None) is { } refused) return [refused];
        try
        {
            var given = SqlLimits.Default.Rows(session, $"DESCRIBE (\n{text.Trim().TrimEnd(';')}\n)", 0, CancellationToken.None).ToDictionary(r => (string)r[0]!, r => (string)r[1]!, StringComparer.OrdinalIgnoreCase);
            return [.. Wrong(session, view, given)];
        }
        catch (EngineException e)
        {
            return [e.Short];
        }
    }

    private static IEnumerable<string> Wrong(Session session, ViewDefinition view, Dictionary<string, string> given)
    {
        foreach (var (name, what) in view.Keys.Select(k => (k, "key")).Append((view.Time, "time")).Concat(view.Created is { } c ? [(c, "created")] : []).Concat(view.Features.Select(f => (f.Name, "column"))))
        {
            if (!given.TryGetValue(name, out var type)) yield return $"it gives no {what} '{name}'.{Suggest.Hint(name, given.Keys)}";
            else if (what is "time" or "created" && !type.StartsWith("TIMESTAMP", StringComparison.Ordinal) && type != "DATE") yield return $"{what} '{name}' must be a timestamp; it is {type}.";
            else if (what == "key" && type is not ("VARCHAR" or "BIGINT" or "INTEGER" or "SMALLINT" or "BOOLEAN" or "HUGEINT")) yield return $"key '{name}' is {type}; a key is text, a whole number or a boolean.";
            else if (what == "column" && !Casts(session, type, view.Features.First(f => f.Name == name).Type)) yield return $"column '{name}' is {type}, which does not become {view.Features.First(f => f.Name == name).Type.ToString().ToLowerInvariant()}.";
        }
    }

    // Text that holds no number would fail only once there are data, so it is refused.
    private static bool Casts(Session session, string from, ColumnType to)
    {
        if (from == "VARCHAR" && to != ColumnType.String) return false;
        try
        {
            session.Rows($"SELECT CAST(NULL::{from} AS {Sql.Type(to)})");
            return true;
        }
        catch (EngineException)
        {
            return false;
        }
    }
}
