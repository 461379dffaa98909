using System.Data.Common;
using System.Globalization;
using System.Text.Json;

namespace Serverless.Sources.Sql;

/// <summary>
/// Rows of a reader as JSON Lines, one at a time. Numbers stay numbers, times become ISO 8601 in UTC (without offset taken as UTC), bytes base64, NULL null.
/// </summary>
internal sealed class RowWriter(DbDataReader reader, Stream to)
{
    private readonly Utf8JsonWriter json = new(to, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    private readonly JsonEncodedText[] names = Names(reader);

    /// <summary>The present row.</summary>
    public void Write()
    {
        json.WriteStartObject();
        for (var i = 0; i < names.Length; i++)
        {
            json.WritePropertyName(names[i]);
            Value(reader.GetValue(i));
        }

        json.WriteEndObject();
        json.Flush();
        json.Reset();
        to.WriteByte((byte)'\n');
    }

    /// <summary>A value as the watermark keeps it; null for NULL.</summary>
    public static string? Text(object value) => value switch
    {
        DBNull => null,
        DateTime time => Utc(time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        double or float => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static JsonEncodedText[] Names(DbDataReader reader)
    {
        var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        if (Array.FindIndex(names, string.IsNullOrWhiteSpace) is >= 0 and var unnamed) throw new SourceException($"column {unnamed + 1} of the query has no name; give it one with AS.");
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new SourceException($"two columns of the query are named '{twice.Key}'; give each a name of its own with AS.");
        return [.. names.Select(n => JsonEncodedText.Encode(n))];
    }

    private void Value(object value)
    {
        switch (value)
        {
            case DBNull: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case string text: json.WriteStringValue(text); break;
            case sbyte or byte or short or ushort or int or uint or long: json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case ulong number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case float or double:
                var real = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                if (double.IsFinite(real)) json.WriteNumberValue(real);
                else json.WriteStringValue(real.ToString(CultureInfo.InvariantCulture));
                break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case TimeSpan or TimeOnly or Guid: json.WriteStringValue(string.Format(CultureInfo.InvariantCulture, "{0:c}", value is Guid id ? id.ToString("D") : value is TimeOnly time ? time.ToTimeSpan() : value)); break;
            case Array items:
                json.WriteStartArray();
                foreach (var item in items) Value(item ?? DBNull.Value);
                json.WriteEndArray();
                break;
            default: json.WriteStringValue(Text(value)); break;
        }
    }

    private static DateTime Utc(DateTime time) => time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time;
}
