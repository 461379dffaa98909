using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;
using Serverless.Sources;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Joins;

/// <summary>Tries each <c>from</c> on empty tables: what it cannot name, read or give is said before anything runs.</summary>
internal sealed class JoinValidator : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace)
    {
        foreach (var dataset in workspace.Datasets.Values)
        {
            if (dataset.Sources is not [JoinSource { Inputs.Count: > 0 } join]) continue;
            foreach (var message in Faults(dataset, join, [.. join.Inputs.Select(i => workspace.Datasets[i])]))
            {
                yield return new Problem(message, dataset.File, join.Line, join.Column);
            }
        }
    }

    private static List<string> Faults(DatasetDefinition dataset, JoinSource join, IReadOnlyList<DatasetDefinition> inputs)
    {
        using var session = Session.Open();
        JoinTables.Open(session, inputs.Select(i => (i, JoinTables.Empty(i))), [], CancellationToken.None);
        List<object?[]> columns;
        try
        {
            JoinTables.Define(session, join.Sql, inputs, CancellationToken.None);
            columns = session.Rows($"DESCRIBE SELECT * FROM {JoinTables.Result}");
        }
        catch (EngineException e)
        {
            return [$"'from' is no query over {string.Join(", ", join.Inputs)}: {e.Message.Split("\n\n")[0].ReplaceLineEndings(" ")}"];
        }

        var names = columns.Select(c => (string)c[0]!).ToArray();
        return
        [
            .. dataset.Columns.Where(c => (c.Required || c.Name == dataset.Partition.Column) && !names.Contains(c.Name, StringComparer.OrdinalIgnoreCase))
                .Select(c => $"'from' gives no column '{c.Name}', which the contract requires.{Suggest.Hint(c.Name, names)}"),
        ];
    }
}
