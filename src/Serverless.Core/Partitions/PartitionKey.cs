using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>The period that a partition is about (<c>2001-01-05</c>, <c>2001-01</c>, <c>2001-01-05T13</c>), its place in the store and its identity.</summary>
public static class PartitionKey
{
    /// <summary>Key of rows whose period is not known: they exist in quarantine only.</summary>
    public const string Unknown = "unknown";

    private static readonly string[] Formats = ["yyyy-MM", "yyyy-MM-dd", "yyyy-MM-dd'T'HH"];

    /// <summary>The period as [start, end), UTC; null for <see cref="Unknown"/>.</summary>
    public static (DateTimeOffset Start, DateTimeOffset End)? Period(string key)
    {
        if (!DateTimeOffset.TryParseExact(key, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start)) return null;
        try
        {
            return (start, key.Length switch { 7 => start.AddMonths(1), 10 => start.AddDays(1), _ => start.AddHours(1) });
        }
        catch (ArgumentOutOfRangeException)
        {
            return (start, DateTimeOffset.MaxValue); // The last period of the calendar has no end in it.
        }
    }

    /// <summary><c>year=2001/month=01/day=05</c>, or <c>unknown</c>.</summary>
    public static string Folder(string key) => Period(key) is null ? Unknown : string.Join('/',
        key.Split('-', 'T').Zip(["year=", "month=", "day=", "hour="], (part, name) => name + part));

    /// <summary>The key whose <see cref="Folder"/> this is.</summary>
    public static string OfFolder(string folder)
    {
        var parts = folder.Split('/').Select(p => p[(p.IndexOf('=') + 1)..]).ToArray();
        return parts.Length > 3 ? $"{string.Join('-', parts[..3])}T{parts[3]}" : string.Join('-', parts);
    }

    /// <summary>First 16 hex digits of the SHA-256 of drop, contract and key: the same drop gives the same partition, whoever cuts it.</summary>
    public static string Id(string drop, string contractVersion, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{drop}\n{contractVersion}\n{key}")))[..16];

    /// <summary>Object key of a partition's file; the extension comes with its dot: <c>.parquet</c>, <c>.json</c>, <c>.profile.json</c>, <c>.checks.json</c>.</summary>
    public static string DataPath(string dataset, string key, string id, string extension) =>
        $"{StoreNames.Containers.Data}/{dataset}/{Folder(key)}/{id}{extension}";

    public static string QuarantinePath(string dataset, string key, string id) =>
        $"{StoreNames.Containers.Quarantine}/{dataset}/{Folder(key)}/{id}.parquet";
}
