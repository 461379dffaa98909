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

    /// <summary>What is wrong with one element, or null. Ranges of whole numbers are those of the datatype; numbers that are too large for a double are refused with the row.</summary>
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
                return json.TokenType == JsonTokenType.Number ? null : $"{datatype} takes numbers, got {JsonWords.A(ref json)}";
            case "UINT64":
                return json.TokenType != JsonTokenType.Number ? $"UINT64 takes numbers, got {JsonWords.A(ref json)}" : json.TryGetUInt64(out _) ? null : "is no whole number in the range of UINT64";
            default:
                if (json.TokenType != JsonTokenType.Number) return $"{datatype} takes numbers, got {JsonWords.A(ref json)}";
                var (least, most) = Range(datatype);
                return json.TryGetInt64(out var whole) && whole >= least && whole <= most ? null : $"is no whole number in the range of {datatype}";
        }
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
