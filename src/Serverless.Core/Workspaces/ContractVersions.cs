using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Workspaces;

/// <summary>
/// The version of a contract: first 16 hex digits of SHA-256 over what changes the stored rows (columns in order, types, constraints, partition).
/// Descriptions, units and checks may change without a new version.
/// </summary>
internal static class ContractVersions
{
    public static string Of(PartitionScheme partition, IReadOnlyList<ColumnDefinition> columns)
    {
        var canonical = new List<string?> { "1", partition.Column, partition.Grain.ToString() };
        foreach (var c in columns)
        {
            canonical.AddRange([c.Name, c.Type.ToString(), c.Required ? "required" : null, Number(c.Min), Number(c.Max), c.Pattern, c.Format]);
            canonical.Add(c.Values is null ? null : Encoding.UTF8.GetString(Array(c.Values)));
        }

        // A JSON array of strings: no value can be mistaken for its neighbours.
        return Convert.ToHexStringLower(SHA256.HashData(Array(canonical)))[..16];
    }

    // The bytes that the serializer gives, without its start, which every cold start of a server would pay.
    private static byte[] Array(IReadOnlyList<string?> texts)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
        }

        return stream.ToArray();
    }

    private static string? Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);
}
