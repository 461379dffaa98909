using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Drops;

/// <summary>Parquet: columns have types already, which must be able to hold what the contract says.</summary>
internal static class ParquetSource
{
    public static DropSource Open(Session session, string path, DatasetDefinition dataset, CancellationToken cancel)
    {
        var relation = $"read_parquet({Sql.Path(path)})";
        var columns = Describe(session, relation, cancel);
        var indices = ColumnMatch.Run([.. columns.Select(c => c.Name)], dataset, "Parquet schema");
        for (var i = 0; i < indices.Length; i++)
        {
            if (indices[i] >= 0 && !Fits(columns[indices[i]].Type, dataset.Columns[i].Type))
            {
                var wrong = columns[indices[i]];
                throw new DropRejectedException(
                    $"Parquet schema: column '{wrong.Name}' is {wrong.Type}, which cannot be {dataset.Columns[i].Type.ToString().ToLowerInvariant()} as the contract says.");
            }
        }

        return new DropSource
        {
            Relation = relation,
            NotStored = ColumnMatch.NotStored(columns.Select(c => c.Name), dataset),
            Names = [.. columns.Select(c => c.Name)],
            Absent = ColumnMatch.Absent(indices, dataset),
            Cells = [.. indices.Select(i => i < 0 ? SourceCell.Missing : Cell(columns[i].Name, columns[i].Type))],
        };
    }

    /// <summary>Names and types of a relation. A file that is no Parquet is refused.</summary>
    public static List<(string Name, string Type)> Describe(Session session, string relation, CancellationToken cancel)
    {
        try
        {
            return [.. session.Rows($"DESCRIBE SELECT * FROM {relation}", cancel).Select(r => ((string)r[0]!, (string)r[1]!))];
        }
        catch (EngineException e)
        {
            throw new DropRejectedException($"the file is not readable as Parquet: {e.Short}");
        }
    }

    private static SourceCell Cell(string name, string type) => type switch
    {
        "VARCHAR" => new SourceCell($"nullif({Sql.Name(name)}, '')", "VARCHAR"),
        _ when type.StartsWith("ENUM", StringComparison.Ordinal) => new SourceCell($"CAST({Sql.Name(name)} AS VARCHAR)", "VARCHAR"),
        _ => new SourceCell(Sql.Name(name), type),
    };

    private static bool Fits(string found, ColumnType contracted)
    {
        var text = found == "VARCHAR" || found.StartsWith("ENUM", StringComparison.Ordinal);
        var whole = found is "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT";
        var number = whole || found is "FLOAT" or "DOUBLE" || found.StartsWith("DECIMAL", StringComparison.Ordinal);
        return text || contracted switch
        {
            ColumnType.Integer or ColumnType.Number => number,
            ColumnType.Boolean => found == "BOOLEAN",
            ColumnType.Timestamp => found == "DATE" || found.StartsWith("TIMESTAMP", StringComparison.Ordinal),
            _ => number || found is "BOOLEAN" or "UUID" or "DATE" || found.StartsWith("TIMESTAMP", StringComparison.Ordinal),
        };
    }
}
