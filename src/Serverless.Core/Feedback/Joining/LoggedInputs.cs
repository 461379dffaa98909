using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Feedback;

/// <summary>Rows as callers sent them, as columns again.</summary>
internal static class LoggedInputs
{
    /// <param name="inputs">A JSON object for each row; null and what is no object give a row without values.</param>
    public static Table Table(IReadOnlyList<string?> inputs, IReadOnlyList<RawColumn> columns)
    {
        var texts = columns.Select(_ => new string?[inputs.Count]).ToArray();
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is not { } text) continue;
            try
            {
                using var document = JsonDocument.Parse(text);
                if (document.RootElement.ValueKind != JsonValueKind.Object) continue;
                for (var c = 0; c < columns.Count; c++)
                {
                    if (document.RootElement.TryGetProperty(columns[c].Name, out var value) && value.ValueKind != JsonValueKind.Null) texts[c][i] = value.ToString();
                }
            }
            catch (JsonException)
            {
                continue; // nothing is known of this row
            }
        }

        return new Table(inputs.Count, [.. columns.Select((c, at) => Column(c.Name, c.Type, texts[at]))]);
    }

    /// <summary>Values from their texts; what is none of the type is missing.</summary>
    public static TableColumn Column(string name, ColumnType type, string?[] texts)
    {
        bool[] missing = new bool[texts.Length];
        T[] Typed<T>(Func<string, (bool, T)> parse)
        {
            var values = new T[texts.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                (var good, values[i]) = texts[i] is { } text ? parse(text) : (false, default!);
                missing[i] = !good;
            }

            return values;
        }

        switch (type)
        {
            case ColumnType.Integer: return new IntegerColumn(name, Typed(t => (double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) && v == Math.Floor(v) && Math.Abs(v) < 9e15, (long)v)), missing);
            case ColumnType.Number: return new NumberColumn(name, Typed(t => (double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var v), v)), missing);
            case ColumnType.Boolean: return new BooleanColumn(name, Typed(t => (bool.TryParse(t, out var v), v)), missing);
            case ColumnType.Timestamp:
                return new TimestampColumn(name, Typed(t => (DateTime.TryParse(t, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var v), v.Ticks)), missing);
            default:
                string[] dictionary = [.. texts.OfType<string>().Distinct(StringComparer.Ordinal)];
                var codes = dictionary.Select((t, i) => (t, i)).ToDictionary(p => p.t, p => p.i, StringComparer.Ordinal);
                return new StringColumn(name, [.. texts.Select(t => t is null ? -1 : codes[t])], dictionary, [.. texts.Select(t => t is null)]);
        }
    }
}
