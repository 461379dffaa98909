using System.Text.Json;

namespace Serverless.Scoring;

/// <summary>JSON in words, for messages.</summary>
internal static class JsonWords
{
    /// <summary>The value at which the reader stands, with its article: "a string", "an object".</summary>
    public static string A(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };

    /// <summary>Text of a string or property name; null when its bytes or escapes are no valid Unicode.</summary>
    public static string? Text(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="Text"/>, cut to a length that fits a message: names come from outside.</summary>
    public static string? Name(ref Utf8JsonReader json) => Text(ref json) is { } name ? name.Length > 60 ? name[..60] + "..." : name : null;

    /// <summary>True for a string or name whose escapes are no valid Unicode: the reader throws when such a one is compared.</summary>
    public static bool Garbled(ref Utf8JsonReader json) => json.ValueIsEscaped && Text(ref json) is null;

    /// <summary>Where and why a body stopped being JSON; lines and bytes count from 1.</summary>
    /// <param name="expected">What a body looks like, for an empty one.</param>
    public static string Explain(ReadOnlySpan<byte> body, JsonException e, string expected = "{\"rows\":[{...}]}")
    {
        var line = e.LineNumber ?? 0;
        var inLine = e.BytePositionInLine ?? 0;
        if (body.Trim(" \t\r\n"u8).IsEmpty) return $"empty: expected {expected}";
        var rest = body;
        for (var i = 0L; i < line; i++)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end < 0) break;
            rest = rest[(end + 1)..];
        }

        rest = rest[(int)Math.Min(inLine, rest.Length)..];
        var reason = e.Message.Split(" LineNumber:", 2)[0];
        var hint = rest.StartsWith("N"u8) || rest.StartsWith("I"u8) || rest.StartsWith("-I"u8) || rest.StartsWith("n"u8) && !rest.StartsWith("null"u8) || rest.StartsWith("i"u8)
            ? " NaN and infinity are refused: send null where a value is missing."
            : "";
        return $"not valid JSON at line {line + 1}, byte {inLine + 1}: {reason}{hint}";
    }
}
