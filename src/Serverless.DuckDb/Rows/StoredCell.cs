using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;
using Serverless.Erasure;

namespace Serverless.DuckDb.Rows;

/// <summary>A contracted column as SQL over a stored file, in its type, whatever form the file keeps rows in. Null where the file has no value that is one.</summary>
internal static class StoredCell
{
    /// <param name="there">Columns of the file and their types.</param>
    public static string Of(ColumnDefinition column, RowForm form, IReadOnlyDictionary<string, string> there)
    {
        if (form == RowForm.Predictions)
        {
            var path = Sql.Text($"$.\"{column.Name.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
            return ContractSql.Typed(new SourceCell($"nullif(json_extract_string(inputs, {path}), '')", "VARCHAR"), column);
        }

        if (!there.TryGetValue(column.Name, out var type)) return $"NULL::{Sql.Type(column.Type)}";
        return form == RowForm.Text ? ContractSql.Typed(new SourceCell($"nullif({Sql.Name(column.Name)}, '')", "VARCHAR"), column)
            : type == Sql.Type(column.Type) ? Sql.Name(column.Name)
            : $"TRY_CAST({Sql.Name(column.Name)} AS {Sql.Type(column.Type)})";
    }

    /// <summary>Whether the row is a line that could not be cut into cells.</summary>
    public static string Broken(RowForm form, IReadOnlyDictionary<string, string> there) => form == RowForm.Text && there.ContainsKey("_line") ? "_line IS NOT NULL" : "false";
}
