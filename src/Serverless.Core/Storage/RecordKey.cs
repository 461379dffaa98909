using Serverless.Problems;

namespace Serverless.Storage;

/// <summary>What the names and the size of a record may be, so that every store takes it.</summary>
public static class RecordKey
{
    /// <summary>Characters of a partition or row key: Azure Tables allows 1 KiB of UTF-16.</summary>
    public const int MaxLength = 500;

    /// <summary>Characters of a document: 1,000,000 bytes of UTF-16 leave room in an entity of 1 MiB.</summary>
    public const int MaxJson = 500_000;

    /// <summary>Throws <see cref="RequestException"/> when the table is unknown or a key has characters that Azure Tables refuses.</summary>
    public static void Check(string table, string partition, string row)
    {
        CheckPartition(table, partition);
        CheckPart("row", row);
    }

    public static void CheckPartition(string table, string partition)
    {
        CheckTable(table);
        CheckPart("partition", partition);
    }

    public static void CheckTable(string table)
    {
        if (!StoreNames.Tables.All.Contains(table))
            throw new RequestException($"'{ObjectKey.Shown(table)}' is not a table.{Suggest.Hint(table, StoreNames.Tables.All)}");
    }

    public static void CheckJson(string table, string row, string json)
    {
        if (json.Length > MaxJson)
        {
            throw new RequestException($"record '{row}' of table '{table}' has {json.Length} characters; at most {MaxJson} are allowed. "
                + "Keep what is large in an object and its key in the record.");
        }
    }

    private static void CheckPart(string what, string key)
    {
        var fault = key.Length == 0 ? "it is empty"
            : key.Length > MaxLength ? $"it has {key.Length} characters, at most {MaxLength} are allowed"
            : key.Select(CharacterFault).FirstOrDefault(f => f is not null);
        if (fault is not null) throw new RequestException($"{what} key '{ObjectKey.Shown(key)}' cannot be used: {fault}.");
    }

    private static string? CharacterFault(char c) =>
        c is '/' or '\\' or '#' or '?' ? $"it contains '{c}' (none of / \\ # ? is allowed)"
        : char.IsControl(c) || c >= '\uFFFE' ? $"it contains the control character U+{(int)c:X4}"
        : null;
}
