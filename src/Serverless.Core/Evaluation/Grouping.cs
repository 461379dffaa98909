using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>Rows by the value of an expression.</summary>
/// <param name="Codes">For each row the index of its group, -1 where the expression has no value.</param>
/// <param name="Names">Of the groups, in ordinal order.</param>
internal sealed record Grouping(string Name, int[] Codes, IReadOnlyList<string> Names)
{
    private const int ChunkRows = 16_384;

    /// <param name="rows">Numbers of rows of <paramref name="table"/>, which has the columns that the expression reads.</param>
    public static Grouping Of(GroupDefinition group, DatasetDefinition dataset, Table table, int[] rows, string file, CancellationToken cancel)
    {
        if (table.Has(group.By.Text) && table[group.By.Text] is StringColumn column) return FromDictionary(group.Name, column, rows);
        var schema = FeatureCompiler.SchemaOf(dataset);
        var read = FeatureCompiler.Compile(group.By, schema, $"group '{group.Name}'", file).Columns;
        var inputs = new RawSchema([.. schema.Columns.Where(c => read.Contains(c.Name))]);
        var reader = FeatureCompiler.Compile(group.By, inputs, $"group '{group.Name}'", file);
        var (loader, texts) = (new RowLoader(table, inputs), new string?[rows.Length]);
        Parallel.For(0, (rows.Length + ChunkRows - 1) / ChunkRows, new ParallelOptions { CancellationToken = cancel }, inputs.NewRow, (chunk, _, row) =>
        {
            for (var i = chunk * ChunkRows; i < Math.Min(rows.Length, (chunk + 1) * ChunkRows); i++)
            {
                loader.Load(rows[i], row);
                texts[i] = Text(reader, row);
            }

            return row;
        }, static _ => { });
        return FromTexts(group.Name, texts);
    }

    /// <summary>Columns that an expression reads.</summary>
    public static IReadOnlyList<string> Reads(ExpressionText by, DatasetDefinition dataset, string file) => FeatureCompiler.Compile(by, FeatureCompiler.SchemaOf(dataset), $"group '{by.Text}'", file).Columns;

    /// <summary>Positions of the rows of each group, ascending.</summary>
    public int[][] Members()
    {
        var counts = new int[Names.Count];
        foreach (var code in Codes)
        {
            if (code >= 0) counts[code]++;
        }

        var members = Array.ConvertAll(counts, c => new int[c]);
        Array.Clear(counts);
        for (var i = 0; i < Codes.Length; i++)
        {
            if (Codes[i] is >= 0 and var code) members[code][counts[code]++] = i;
        }

        return members;
    }

    internal static Grouping FromTexts(string name, string?[] texts)
    {
        string[] names = [.. texts.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var index = names.Select((n, i) => (n, i)).ToDictionary(n => n.n, n => n.i, StringComparer.Ordinal);
        return new Grouping(name, [.. texts.Select(t => t is null ? -1 : index[t])], names);
    }

    private static Grouping FromDictionary(string name, StringColumn column, int[] rows)
    {
        var seen = new bool[column.Dictionary.Length];
        foreach (var row in rows)
        {
            if (column.Codes[row] is >= 0 and var code) seen[code] = true;
        }

        int[] order = [.. Enumerable.Range(0, seen.Length).Where(c => seen[c]).OrderBy(c => column.Dictionary[c], StringComparer.Ordinal)];
        var place = new int[seen.Length];
        for (var i = 0; i < order.Length; i++) place[order[i]] = i;
        return new Grouping(name, [.. rows.Select(r => column.Codes[r] is >= 0 and var code ? place[code] : -1)], [.. order.Select(c => column.Dictionary[c])]);
    }

    private static string? Text(ValueReader reader, RawRow row)
    {
        if (reader.Kind == ValueKind.Text) return reader.Text(row);
        var value = reader.Number(row);
        return double.IsNaN(value) ? null : reader.Kind == ValueKind.Boolean ? (value > 0 ? "true" : "false") : FeaturePlan.CategoryText(value);
    }
}
