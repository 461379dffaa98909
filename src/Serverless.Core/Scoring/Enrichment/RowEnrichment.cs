using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Scoring.Enrichment;

/// <summary>Enrichment of one version's rows: which slots it fills, from which address, and with what if there is no answer.</summary>
internal sealed class RowEnrichment
{
    private readonly EnrichedValues values;
    private readonly UrlTemplate url;
    private readonly RawColumn[] columns;
    private readonly int[] keys;
    private readonly (int Slot, string Name, byte[]? Fallback)[] filled;

    private readonly Func<bool> on;

    /// <param name="on">False while the source is not to be asked: then what it said before does not count either.</param>
    public RowEnrichment(EnrichedValues values, IReadOnlyList<RawColumn> inputs, Func<bool> on)
    {
        (this.values, this.on) = (values, on);
        url = new UrlTemplate(values.Terms.Url);
        columns = [.. inputs];
        keys = [.. url.Columns.Select(name => Array.FindIndex(columns, c => c.Name == name))];
        filled = [.. values.Terms.Columns
            .Select(c => (Slot: Array.FindIndex(columns, i => i.Name == c.Name), Definition: c))
            .Where(c => c.Slot >= 0)
            .Select(c => (c.Slot, c.Definition.Name, c.Definition.Fallback is { } text ? Json(text, columns[c.Slot].Type) : null))];
    }

    public void Want(Scratch scratch, HashSet<string> wanted)
    {
        if (on() && Lacks(scratch) && Address(scratch.Row) is { } address && !values.Knows(address)) wanted.Add(address);
    }

    public Task FetchAsync(IReadOnlyCollection<string> wanted, CancellationToken cancel) => values.FetchAsync(wanted, cancel);

    /// <summary>Fills what the row lacks.</summary>
    /// <returns>Columns that the source did not give: they hold their fallback, or are missing. Null when there are none.</returns>
    public List<string>? Fill(Scratch scratch)
    {
        if (!Lacks(scratch)) return null;
        var found = on() && Address(scratch.Row) is { } address ? values.Find(address) : null;
        List<string>? missed = null;
        foreach (var (slot, name, fallback) in filled)
        {
            if (scratch.Seen[slot] || (found is not null && found.TryGetValue(name, out var json) && Set(json, columns[slot], slot, scratch.Row))) continue;
            (missed ??= []).Add(name);
            if (fallback is not null) Set(fallback, columns[slot], slot, scratch.Row);
        }

        return missed;
    }

    /// <summary>A value of a file as JSON of a column's type.</summary>
    public static byte[] Json(string text, ColumnType type) =>
        type is ColumnType.String or ColumnType.Timestamp ? JsonSerializer.SerializeToUtf8Bytes(text) : System.Text.Encoding.UTF8.GetBytes(text);

    /// <summary>False when it is no value of the column: then the slot stays missing.</summary>
    public static bool Set(byte[] value, RawColumn column, int slot, RawRow row)
    {
        try
        {
            var json = new Utf8JsonReader(value);
            if (json.Read() && json.TokenType != JsonTokenType.Null && JsonValues.Read(ref json, column, slot, row) is null) return true;
        }
        catch (JsonException)
        {
            return false; // only a fallback that no file check has seen can be no JSON at all
        }

        row.SetMissing(slot);
        return false;
    }

    private bool Lacks(Scratch scratch)
    {
        foreach (var (slot, _, _) in filled) if (!scratch.Seen[slot]) return true;
        return false;
    }

    private string? Address(RawRow row) => url.Fill(i => keys[i] is var slot && slot >= 0 && row.Present[slot] ? columns[slot].Type switch
    {
        ColumnType.String => row.Texts[slot],
        ColumnType.Boolean => row.Numbers[slot] != 0 ? "true" : "false",
        ColumnType.Integer => row.Ticks[slot].ToString(CultureInfo.InvariantCulture),
        ColumnType.Number => row.Numbers[slot].ToString("R", CultureInfo.InvariantCulture),
        _ => new DateTime(row.Ticks[slot], DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
    } : null);
}
