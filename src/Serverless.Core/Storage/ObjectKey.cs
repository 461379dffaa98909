using System.Text;
using Serverless.Problems;

namespace Serverless.Storage;

/// <summary>
/// What an object's key may look like, so that the same key works as a file and as a blob: <c>container/segment/.../segment</c>. Every store checks it
/// before anything else, so no name that came from outside (<c>../x</c>) ever reaches a file system.
/// </summary>
public static class ObjectKey
{
    /// <summary>Characters of a whole key; Azure allows 1,024 for the part below the container.</summary>
    public const int MaxLength = 1000;

    /// <summary>Bytes of one segment in UTF-8: what common file systems allow for a file name.</summary>
    public const int MaxSegmentBytes = 255;

    /// <summary>Azure allows 254 segments.</summary>
    public const int MaxSegments = 100;

    /// <summary>Returns the key; throws <see cref="RequestException"/> naming what is wrong with it.</summary>
    public static string Check(string key)
    {
        if (Fault(key) is { } fault) throw new RequestException($"object key '{Shown(key)}' cannot be used: {fault}.");
        return key;
    }

    /// <summary>True when <see cref="Check"/> would pass.</summary>
    public static bool IsValid(string key) => Fault(key) is null;

    /// <summary>
    /// Returns the prefix for a listing: a container's name, or a key's beginning below one. Throws <see cref="RequestException"/> otherwise.
    /// A container's name alone means everything in it.
    /// </summary>
    public static string CheckPrefix(string prefix)
    {
        var slash = prefix.IndexOf('/');
        var container = slash < 0 ? prefix : prefix[..slash];
        if (ContainerFault(container) is { } fault) throw new RequestException($"prefix '{Shown(prefix)}' cannot be listed: {fault}.");
        if (slash < 0) return prefix + "/";
        var bad = CharacterFault(prefix) ?? (prefix.Split('/').SkipLast(1).Any(s => s is "" or "." or "..") ? "it has an empty, '.' or '..' segment" : null);
        return bad is null ? prefix : throw new RequestException($"prefix '{Shown(prefix)}' cannot be listed: {bad}.");
    }

    private static string? Fault(string key)
    {
        if (key.Length == 0) return "it is empty";
        if (key.Length > MaxLength) return $"it has {key.Length} characters, at most {MaxLength} are allowed";
        if (CharacterFault(key) is { } character) return character;
        if (key[0] == '/') return "it starts with '/'";
        var segments = key.Split('/');
        if (segments.Length > MaxSegments) return $"it has {segments.Length} segments, at most {MaxSegments} are allowed";
        foreach (var segment in segments)
        {
            if (segment.Length == 0) return "it has an empty segment ('//' or a '/' at the end)";
            if (segment is "." or "..") return $"'{segment}' is not a name";
            if (segment[^1] == '.') return $"segment '{segment}' ends with a dot, which Blob Storage and Windows do not keep";
            if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes) return $"segment '{Shown(segment)}' is longer than {MaxSegmentBytes} bytes";
        }

        return ContainerFault(segments[0]) ?? (segments.Length == 1 ? "it names a container but no object in it" : null);
    }

    private static string? ContainerFault(string container) => StoreNames.Containers.All.Contains(container) ? null
        : $"'{Shown(container)}' is not a container.{Suggest.Hint(container, StoreNames.Containers.All)}".TrimEnd('.', '?');

    private static string? CharacterFault(string key)
    {
        for (var i = 0; i < key.Length; i++)
        {
            if (key[i] == '\\') return "it contains a backslash; segments are separated by '/'";
            if (char.IsControl(key[i])) return $"it contains the control character U+{(int)key[i]:X4} at position {i + 1}";
            if (char.IsHighSurrogate(key[i]) && i + 1 < key.Length && char.IsLowSurrogate(key[i + 1])) i++;
            else if (char.IsSurrogate(key[i]) || key[i] >= '\uFFFE') return $"it contains U+{(int)key[i]:X4} at position {i + 1}, which is no character";
        }

        return null;
    }

    /// <summary>Short and printable, for messages.</summary>
    internal static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var c in text.Length <= 120 ? text : text[..120] + "…") shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c);
        return shown.ToString();
    }
}
