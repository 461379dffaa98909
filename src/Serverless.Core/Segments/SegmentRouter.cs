using System.Collections.Concurrent;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Segments;

/// <summary>Decides for each row of a request which version of a model with segments answers.</summary>
public sealed class SegmentRouter
{
    private readonly SegmentConditions conditions;
    private readonly InputTable inputs;
    private readonly SegmentVersions versions;
    private readonly SegmentVersions.Slot[] slots;
    private readonly ConcurrentBag<RawRow> free = [];

    internal SegmentRouter(ModelDefinition model, DatasetDefinition dataset, SegmentVersions versions)
    {
        var segments = model.Segments!;
        Default = segments.Default;
        this.versions = versions;
        conditions = new SegmentConditions(segments.Parts, dataset, model.File);
        inputs = new InputTable(conditions.Schema.Columns, []);
        slots = [.. segments.Parts.Select(p => versions.Of(SegmentsDefinition.NameOf(model.Name, p.Name), p.Name, segments.Memory, model.Name))];
    }

    /// <summary>The name of the default.</summary>
    public string Default { get; }

    /// <summary>The columns that the conditions read.</summary>
    public IReadOnlyList<RawColumn> Columns => conditions.Schema.Columns;

    /// <summary>Who answers the row at whose beginning a copy of the reader stands. What is wrong in the row is left to the version that reads it.</summary>
    public ServedModel Choose(Utf8JsonReader json, ServedModel whole)
    {
        if (!free.TryTake(out var row)) row = conditions.Schema.NewRow();
        row.Clear();
        var at = Find(ref json, row);
        free.Add(row);
        return at < 0 ? whole : versions.Get(slots[at], whole) ?? whole;
    }

    private int Find(ref Utf8JsonReader json, RawRow row)
    {
        try
        {
            for (var guess = 0; json.Read() && json.TokenType == JsonTokenType.PropertyName;)
            {
                var slot = JsonWords.Garbled(ref json) ? InputTable.Unknown : inputs.Find(ref json, guess);
                json.Read();
                if (slot < 0 || JsonValues.Read(ref json, inputs.Columns[slot], slot, row) is not null) json.Skip();
                guess = slot + 1;
            }
        }
        catch (JsonException)
        {
            return -1; // no JSON: the reader of the request says where
        }

        return conditions.Find(row);
    }
}
