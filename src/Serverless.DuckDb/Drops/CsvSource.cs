using System.Text;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Drops;

/// <summary>CSV and TSV (RFC 4180): a header, then every cell as text, so that a bad one can be told from an empty one.</summary>
internal static class CsvSource
{
    private const string Delimiters = ",;\t|";

    public static DropSource Open(TextScan.Scanned text, FileFormat format, DatasetDefinition dataset)
    {
        if (text.Head.AsSpan().Trim().IsEmpty) throw new DropRejectedException("the file is empty: expected a header and rows.");
        var header = Header(text.Head, format.Delimiter);
        if (header.Count == 1 && dataset.Columns.Count > 1 && Delimiters.FirstOrDefault(d => d != format.Delimiter && header[0].Contains(d)) is var other and not '\0')
        {
            throw new DropRejectedException(
                $"line 1: the header is one column, '{ColumnMatch.Shorten(header[0])}'. It seems delimited by {Describe(other)}; expected {Describe(format.Delimiter)}.");
        }

        var indices = ColumnMatch.Run(header, dataset, "line 1 (header)");
        var integers = indices.Where((index, i) => index >= 0 && dataset.Columns[i].Type == ColumnType.Integer).ToHashSet();
        var source = new DropSource
        {
            Relation = Relation(text.Path, header.Count, format.Delimiter, []),
            Cells = [.. indices.Select(i => i < 0 ? SourceCell.Missing : new SourceCell($"c{i}", "VARCHAR"))],
            NotesRejects = true,
            NotStored = ColumnMatch.NotStored(header, dataset),
            Names = header,
            Absent = ColumnMatch.Absent(indices, dataset),
            HeaderLines = 1,
        };
        return !text.Plain ? source : source with
        {
            Plainly = source with
            {
                Relation = Relation(text.Path, header.Count, format.Delimiter, integers), IsPlain = true,
                Cells = [.. indices.Select((index, i) => integers.Contains(index) ? new SourceCell($"c{index}", "BIGINT") : source.Cells[i])],
            },
        };
    }

    // Columns c0, c1, ... as text, or as integers where they are said to be; lines that do not fit are noted in the table reject_errors.
    private static string Relation(string path, int columns, char delimiter, HashSet<int> integers) =>
        $"read_csv({Sql.Path(path)}, auto_detect=false, header=true, delim={Sql.Text(delimiter.ToString())}, quote='\"', escape='\"', store_rejects=true, "
        + $"max_line_size={TextScan.LongestLine}, columns={{{string.Join(", ", Enumerable.Range(0, columns).Select(i => $"'c{i}': '{(integers.Contains(i) ? "BIGINT" : "VARCHAR")}'"))}}})";

    /// <summary>The cells of the first record, without spaces around them.</summary>
    public static List<string> Header(string head, char delimiter)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        foreach (var c in head)
        {
            if (c == '"') quoted = !quoted;
            else if (!quoted && c is '\n' or '\r') break;
            else if (!quoted && c == delimiter) Take();
            else cell.Append(c);
        }

        Take();
        return cells;

        void Take()
        {
            cells.Add(cell.ToString().Trim());
            cell.Clear();
        }
    }

    private static string Describe(char delimiter) => delimiter switch { '\t' => "a tab", ',' => "a comma", ';' => "a semicolon", _ => $"'{delimiter}'" };
}
