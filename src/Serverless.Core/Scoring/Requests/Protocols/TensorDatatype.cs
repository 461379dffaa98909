using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>Datatypes of tensors (Open Inference Protocol v2, "Tensor Data Types").</summary>
public static class TensorDatatype
{
    private static readonly string[] Names = ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"];

    /// <summary>The datatype in which a column is described; others of its kind are taken too.</summary>
    public static string Of(ColumnType type) => type switch
    {
        ColumnType.Integer => "INT64",
        ColumnType.Number => "FP64",
        ColumnType.Boolean => "BOOL",
        _ => "BYTES",
    };

    internal static string? Known(string name) => Names.Contains(name, StringComparer.Ordinal) ? name : null;

    internal static string All { get; } = string.Join(", ", Names);

    /// <summary>Whether tensors of a datatype can hold values of a column.</summary>
    internal static bool Fits(string datatype, ColumnType type) => type switch
    {
        ColumnType.Integer or ColumnType.Number => datatype is not ("BOOL" or "BYTES"),
        ColumnType.Boolean => datatype != "BYTES",
        _ => datatype == "BYTES",
    };

    /// <summary>What is wrong with one element, or null. Ranges are those of the datatype (IEEE 754 for FP16 and FP32); numbers that are too large for a double are refused with the row.</summary>
    internal static string? Wrong(ref Utf8JsonReader json, string datatype)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        switch (datatype)
        {
            case "BYTES":
                return json.TokenType == JsonTokenType.String ? null : $"BYTES takes strings, got {JsonWords.A(ref json)}";
            case "BOOL":
                return json.TokenType is JsonTokenType.True or JsonTokenType.False || json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var bit) && bit is 0 or 1
                    ? null : $"BOOL takes true and false, got {JsonWords.A(ref json)}";
            case "FP16" or "FP32" or "FP64":
                if (json.TokenType != JsonTokenType.Number) return $"{datatype} takes numbers, got {JsonWords.A(ref json)}";
                return Beyond(ref json, datatype) ? $"is beyond the range of {datatype}" : null;
            case "UINT64":
                return json.TokenType != JsonTokenType.Number ? $"UINT64 takes numbers, got {JsonWords.A(ref json)}" : json.TryGetUInt64(out _) ? null : "is no whole number in the range of UINT64";
            default:
                if (json.TokenType != JsonTokenType.Number) return $"{datatype} takes numbers, got {JsonWords.A(ref json)}";
                var (least, most) = Range(datatype);
                return json.TryGetInt64(out var whole) && whole >= least && whole <= most ? null : $"is no whole number in the range of {datatype}";
        }
    }

    // Without an exponent no number of so few digits is out of range: most are not parsed twice.
    private static bool Beyond(ref Utf8JsonReader json, string datatype)
    {
        var (most, digits) = datatype switch { "FP16" => ((double)Half.MaxValue, 4), "FP32" => (float.MaxValue, 38), _ => (double.PositiveInfinity, int.MaxValue) };
        var text = json.HasValueSequence ? default : json.ValueSpan;
        if (digits == int.MaxValue || text.Length is > 0 and var length && length <= digits && text.IndexOfAny((byte)'e', (byte)'E') < 0) return false;
        // As conversion rounds: what is nearer to the largest number than to the next one is that number.
        return json.TryGetDouble(out var value) && double.IsFinite(value) && Math.Abs(value) > most && (datatype == "FP16" ? Half.IsInfinity((Half)value) : float.IsInfinity((float)value));
    }

    private static (long Least, long Most) Range(string datatype) => datatype switch
    {
        "UINT8" => (0, byte.MaxValue),
        "UINT16" => (0, ushort.MaxValue),
        "UINT32" => (0, uint.MaxValue),
        "INT8" => (sbyte.MinValue, sbyte.MaxValue),
        "INT16" => (short.MinValue, short.MaxValue),
        "INT32" => (int.MinValue, int.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };
}
