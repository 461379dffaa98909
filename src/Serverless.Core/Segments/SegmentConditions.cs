using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;

namespace Serverless.Segments;

/// <summary>The conditions of a model's segments, compiled: in training and in every request the same code says where a row belongs.</summary>
public sealed class SegmentConditions
{
    private readonly (SegmentPart Part, ValueReader When)[] parts;

    /// <exception cref="Problems.ConfigurationException">A condition is no boolean expression over the columns.</exception>
    public SegmentConditions(IReadOnlyList<SegmentPart> parts, DatasetDefinition dataset, string file)
    {
        var all = FeatureCompiler.SchemaOf(dataset);
        var read = parts.SelectMany(p => FeatureCompiler.Compile(p.When, all, $"segment '{p.Name}'", file).Columns).ToHashSet(StringComparer.Ordinal);
        // Nothing is required here: a row without a value is a row of the default.
        Schema = new RawSchema([.. all.Columns.Where(c => read.Contains(c.Name)).Select(c => c with { Required = false })]);
        this.parts = [.. parts.Select(p => (p, FeatureCompiler.Compile(p.When, Schema, $"segment '{p.Name}'", file)))];
    }

    /// <summary>The columns that the conditions read.</summary>
    public RawSchema Schema { get; }

    /// <summary>Index of the first segment whose condition holds; -1 = none does.</summary>
    /// <param name="row">Of <see cref="Schema"/>.</param>
    public int Find(RawRow row)
    {
        for (var i = 0; i < parts.Length; i++) if (parts[i].When.Number(row) == 1) return i; // missing is NaN
        return -1;
    }

    /// <summary>For each row of a table its segment, or -1.</summary>
    public int[] Find(Table table)
    {
        var (loader, row, found) = (new RowLoader(table, Schema), Schema.NewRow(), new int[table.Rows]);
        for (var i = 0; i < found.Length; i++)
        {
            loader.Load(i, row);
            found[i] = Find(row);
        }

        return found;
    }

    /// <summary>Numbers of the rows of a table that are in the segment of a definition.</summary>
    internal static int[] Rows(SegmentOf segment, DatasetDefinition dataset, string file, Table table)
    {
        var found = new SegmentConditions([.. segment.Earlier, segment.Part], dataset, file).Find(table);
        return [.. Enumerable.Range(0, found.Length).Where(i => found[i] == segment.Earlier.Count)];
    }

    /// <summary>Columns that decide about the segment of a definition; none for a model that is no segment.</summary>
    internal static IReadOnlyList<string> Columns(ModelDefinition model, DatasetDefinition dataset) =>
        model.Segment is not { } segment ? [] : [.. new SegmentConditions([.. segment.Earlier, segment.Part], dataset, model.File).Schema.Columns.Select(c => c.Name)];
}
