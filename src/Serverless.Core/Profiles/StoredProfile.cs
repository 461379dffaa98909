using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Serverless.Problems;

namespace Serverless.Profiles;

/// <summary>Reads <c>&lt;id&gt;.profile.json</c>.</summary>
public static class StoredProfile
{
    /// <summary>The whole document: figures and, since version 2, states.</summary>
    /// <exception cref="DataException">A newer program wrote it, or it is damaged.</exception>
    public static Profile Read(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            RefuseNewer(Version(json), path);
            return JsonSerializer.Deserialize<Profile>(json, ServerlessJson.Options) ?? throw Damaged(path);
        }
        catch (JsonException)
        {
            throw Damaged(path);
        }
    }

    /// <summary>Only the states; null in a profile of version 1, which has none. Reads nothing else, so that a year of profiles is read in a moment.</summary>
    /// <exception cref="DataException">A newer program wrote it, or it is damaged.</exception>
    public static ProfileState? ReadState(ReadOnlySpan<byte> json, string path)
    {
        var (version, rows) = (0, -1L);
        List<ColumnState>? columns = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
            {
                if (reader.ValueTextEquals("schemaVersion"u8) && reader.Read()) RefuseNewer(version = reader.GetInt32(), path);
                else if (reader.ValueTextEquals("rows"u8) && reader.Read()) rows = reader.GetInt64();
                else if (reader.ValueTextEquals("states"u8) && reader.Read() && reader.TokenType == JsonTokenType.StartArray)
                {
                    columns = [];
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) columns.Add(Column(ref reader));
                }
                else reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw Damaged(path);
        }

        return version < 1 || rows < 0 ? throw Damaged(path) : columns is null ? null : new ProfileState(rows, columns);
    }

    // Decoded into memory that is used again: a year of wide profiles would make a gigabyte of garbage.
    private static ColumnState Column(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return ColumnState.FromBytes(reader.GetBytesFromBase64());
        var buffer = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(reader.ValueSpan.Length));
        try
        {
            return Base64.DecodeFromUtf8(reader.ValueSpan, buffer, out _, out var length) == OperationStatus.Done ? ColumnState.FromBytes(buffer.AsSpan(0, length)) : throw new FormatException("no base64");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Version(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName; reader.Skip())
        {
            if (reader.ValueTextEquals("schemaVersion"u8) && reader.Read()) return reader.TryGetInt32(out var version) ? version : 0;
        }

        return 0;
    }

    private static void RefuseNewer(int version, string path)
    {
        if (version > Profile.Newest)
        {
            throw new DataException($"profile '{path}' has schemaVersion {version}; this program knows up to {Profile.Newest}. A newer program wrote it: update this one.");
        }
    }

    private static DataException Damaged(string path) =>
        new($"profile '{path}' is damaged: it was changed since it was written. Its partition is whole; restore the profile from a backup of the store.");
}
