using System.Globalization;
using System.Text.Json;

namespace Serverless.Sources;

/// <summary>The greatest value of a column so far. Numbers compare as numbers, times as times, other text by its code points.</summary>
internal sealed class Watermark(string? start)
{
    private string? greatest = start;

    /// <summary>As text; null while there is none.</summary>
    public string? Value => greatest;

    public void See(string value)
    {
        if (greatest is null || Compare(value, greatest) > 0) greatest = value;
    }

    /// <summary>The text of a JSON value; null when it has no order (null, an object, an array).</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    internal static int Compare(string a, string b)
    {
        if (decimal.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && decimal.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var y)) return x.CompareTo(y);
        return Time(a) is { } s && Time(b) is { } t ? s.CompareTo(t) : string.CompareOrdinal(a, b);
    }

    private static DateTimeOffset? Time(string text) =>
        text.Length >= 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
