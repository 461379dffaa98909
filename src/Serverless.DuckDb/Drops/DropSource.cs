using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.DuckDb.Drops;

/// <summary>A drop as a relation of SQL: one cell for each contracted column, whatever the form of the file.</summary>
internal sealed record DropSource
{
    /// <summary>What follows FROM.</summary>
    public required string Relation { get; init; }

    /// <summary>For each contracted column, in their order.</summary>
    public required IReadOnlyList<SourceCell> Cells { get; init; }

    /// <summary>SQL condition for a row that is no row at all (a broken line of JSON); null = there are none.</summary>
    public string? Broken { get; init; }

    /// <summary>SQL expression for the line as it stands in the file, where cells cannot show it.</summary>
    public string Line { get; init; } = "NULL";

    /// <summary>Numbers and times are written plainly in it (<see cref="PlainForms"/>), so that they may be read as such.</summary>
    public bool IsPlain { get; init; }

    /// <summary>The same with integers as the reader itself reads them; null where a text might say something else.</summary>
    public DropSource? Plainly { get; init; }

    /// <summary>The reader notes the lines that it cannot cut into cells.</summary>
    public bool NotesRejects { get; init; }

    /// <summary>Lines before the first row: 1 with a header.</summary>
    public int HeaderLines { get; init; }

    /// <summary>Columns that the file has and the contract does not: they are not stored.</summary>
    public required IReadOnlyList<string> NotStored { get; init; }

    /// <summary>Contracted columns that the file does not have; empty where each row may leave out its own.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>Names of all its columns, in their order where it has one.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Its columns have an order.</summary>
    public bool IsOrdered { get; init; } = true;

    /// <summary>What checks of the columns compare with the contract.</summary>
    public ColumnsState ColumnsBeside(DatasetDefinition dataset)
    {
        int[] order = [.. dataset.Columns.Select(c => ColumnMatch.IndexOf(Names, c.Name)).Where(i => i >= 0)];

        // Those outside of the longest ascending run would have to move.
        var longest = new int[order.Length];
        for (var i = 0; i < order.Length; i++) longest[i] = 1 + Enumerable.Range(0, i).Where(j => order[j] < order[i]).Select(j => longest[j]).DefaultIfEmpty(0).Max();
        return new ColumnsState(dataset.Columns.Count, Names.Count, dataset.Columns.Count - order.Length, IsOrdered ? order.Length - longest.DefaultIfEmpty(0).Max() : null);
    }
}

/// <param name="Expression">SQL for the value as the file has it; <c>NULL</c> when the file lacks the column.</param>
/// <param name="Type">DuckDB's type of it; VARCHAR for text.</param>
internal sealed record SourceCell(string Expression, string Type)
{
    public static SourceCell Missing { get; } = new("NULL::VARCHAR", "VARCHAR");

    public bool IsText => Type == "VARCHAR";
}

/// <summary>Which contracted columns a file has, and what is wrong when it is not the contract's file.</summary>
internal static class ColumnMatch
{
    private const int MostNamed = 100;

    /// <summary>Index in the file of each contracted column, -1 for one that is absent and may be.</summary>
    /// <exception cref="DropRejectedException">A needed column is missing, or a name stands twice.</exception>
    public static int[] Run(IReadOnlyList<string> found, DatasetDefinition dataset, string where)
    {
        for (var i = 0; i < found.Count; i++)
        {
            var first = IndexOf(found, found[i]);
            if (first < i && found[i].Length > 0)
            {
                throw new DropRejectedException($"{where}: column '{found[i]}' stands twice (columns {first + 1} and {i + 1}). Rename or remove one of them.");
            }
        }

        var indices = dataset.Columns.Select(c => IndexOf(found, c.Name)).ToArray();
        var missing = dataset.Columns.Where((c, i) => indices[i] < 0 && (c.Required || c.Name == dataset.Partition.Column)).Select(c => c.Name).ToList();
        if (missing.Count == 0 && indices.Any(i => i >= 0)) return indices;

        var spare = found.Where(f => dataset.Columns.All(c => c.Name != f)).ToList();
        var renames = missing.Select(m => (Missing: m, Close: Suggest.Closest(m, spare))).Where(m => m.Close is not null)
            .Select(m => $" Did you mean '{m.Missing}' by '{m.Close}'? Rename it in the drop.").ToList();
        var what = missing.Count == 0 ? $"none of the contracted columns ({string.Join(", ", dataset.Columns.Select(c => c.Name))}) is there"
            : missing.Count == 1 ? $"column '{missing[0]}' is missing, which the contract requires"
            : $"columns {string.Join(", ", missing.Select(m => $"'{m}'"))} are missing, which the contract requires";
        throw new DropRejectedException($"{where}: {what}; found: {Shorten(string.Join(", ", found))}.{string.Concat(renames)}");
    }

    /// <summary>Names in the file that are not the contract's.</summary>
    public static IReadOnlyList<string> NotStored(IEnumerable<string> found, DatasetDefinition dataset) =>
        [.. found.Where(f => f.Length > 0 && dataset.Columns.All(c => c.Name != f)).Take(MostNamed)];

    public static IReadOnlyList<string> Absent(int[] indices, DatasetDefinition dataset) => [.. dataset.Columns.Where((_, i) => indices[i] < 0).Select(c => c.Name).Take(MostNamed)];

    public static string Shorten(string text) => text.Length <= 200 ? text : text[..197] + "...";

    public static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name) return i;
        }

        return -1;
    }
}
