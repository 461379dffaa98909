using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>One JSON value into its slot of a row, typed as contracted. Nothing is guessed: a number in quotes is not a number.</summary>
internal static class JsonValues
{
    private static readonly string[] SpacedTimes =
        ["yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mmzzz", "yyyy-MM-dd HH:mm:sszzz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz"];

    /// <summary>Null when the value was taken; otherwise what was expected and what came.</summary>
    public static string? Read(ref Utf8JsonReader json, RawColumn column, int slot, RawRow row)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            row.SetMissing(slot);
            return column.Required ? "required, but null" : null;
        }

        return column.Type switch
        {
            ColumnType.Number => Number(ref json, slot, row),
            ColumnType.Integer => Integer(ref json, slot, row),
            ColumnType.String => Text(ref json, slot, row),
            ColumnType.Boolean => Boolean(ref json, slot, row),
            _ => Timestamp(ref json, slot, row),
        };
    }

    private static string? Number(ref Utf8JsonReader json, int slot, RawRow row)
    {
        if (json.TokenType != JsonTokenType.Number) return $"expected a number, got {JsonWords.A(ref json)}";
        if (!json.TryGetDouble(out var value) || !double.IsFinite(value)) return "expected a finite number, got one that is too large";
        row.SetNumber(slot, value);
        return null;
    }

    private static string? Integer(ref Utf8JsonReader json, int slot, RawRow row)
    {
        if (json.TokenType != JsonTokenType.Number) return $"expected a whole number, got {JsonWords.A(ref json)}";
        if (json.TryGetInt64(out var whole))
        {
            row.SetInteger(slot, whole);
            return null;
        }

        if (!json.TryGetDouble(out var value) || Math.Abs(value) > 1L << 53) return "expected a whole number of at most 64 bits, got one that is too large";
        if (value != Math.Truncate(value)) return $"expected a whole number, got {value.ToString(CultureInfo.InvariantCulture)}";
        row.SetInteger(slot, (long)value);
        return null;
    }

    private static string? Text(ref Utf8JsonReader json, int slot, RawRow row)
    {
        if (json.TokenType != JsonTokenType.String) return $"expected a string, got {JsonWords.A(ref json)}";
        if (JsonWords.Text(ref json) is not { } text) return "is not valid text (UTF-8)";
        row.SetText(slot, text);
        return null;
    }

    private static string? Boolean(ref Utf8JsonReader json, int slot, RawRow row)
    {
        if (json.TokenType is not (JsonTokenType.True or JsonTokenType.False)) return $"expected true or false, got {JsonWords.A(ref json)}";
        row.SetBoolean(slot, json.TokenType == JsonTokenType.True);
        return null;
    }

    private static string? Timestamp(ref Utf8JsonReader json, int slot, RawRow row)
    {
        const string expected = "expected a time as in \"2001-06-30T14:05:00Z\" (RFC 3339; without offset it is UTC)";
        if (json.TokenType != JsonTokenType.String) return $"{expected}, got {JsonWords.A(ref json)}";
        if (JsonWords.Garbled(ref json)) return "is not valid text (UTF-8)";
        if (json.TryGetDateTime(out var time))
        {
            if (time.Kind == DateTimeKind.Local)
            {
                if (!json.TryGetDateTimeOffset(out var withOffset)) return expected;
                time = withOffset.UtcDateTime;
            }
        }
        else
        {
            if (JsonWords.Text(ref json) is not { } text) return "is not valid text (UTF-8)";
            if (!DateTime.TryParseExact(text, SpacedTimes, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time))
            {
                return $"{expected}, got \"{(text.Length > 40 ? text[..40] + "..." : text)}\"";
            }
        }

        row.SetTimestamp(slot, time.Ticks);
        return null;
    }
}
