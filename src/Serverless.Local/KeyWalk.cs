using Serverless.Storage;

namespace Serverless.Local;

/// <summary>Walks a folder tree in ordinal order of the keys, one folder at a time, so that a long listing takes little memory and starts at once.</summary>
internal static class KeyWalk
{
    /// <param name="objects">Folder of all objects.</param>
    /// <param name="root">Where to begin: empty or ending with a slash.</param>
    /// <param name="prefix">Begins with <paramref name="root"/>.</param>
    /// <param name="after">Exclusive.</param>
    public static IEnumerable<(string Key, string File)> From(string objects, string root, string prefix, string? after)
    {
        foreach (var (key, path, isFolder) in Entries(objects, root))
        {
            if (isFolder)
            {
                var mayMatch = key.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(key, StringComparison.Ordinal);
                var mayFollow = after is null || string.CompareOrdinal(key, after) > 0 || after.StartsWith(key, StringComparison.Ordinal);
                if (!mayMatch || !mayFollow) continue;
                foreach (var below in From(objects, key, prefix, after)) yield return below;
            }
            else if (key.StartsWith(prefix, StringComparison.Ordinal) && (after is null || string.CompareOrdinal(key, after) > 0) && ObjectKey.IsValid(key))
            {
                yield return (key, path);
            }
        }
    }

    // A folder sorts as its name with the slash, for that is how the keys below it begin: "a-b" < "a.b" < "a/b" < "ab".
    private static List<(string Key, string Path, bool IsFolder)> Entries(string objects, string root)
    {
        var entries = new List<(string Key, string Path, bool IsFolder)>();
        try
        {
            foreach (var entry in new DirectoryInfo(Path.Combine(objects, root)).EnumerateFileSystemInfos())
            {
                var isFolder = entry.Attributes.HasFlag(FileAttributes.Directory);
                entries.Add((root + entry.Name + (isFolder ? "/" : ""), entry.FullName, isFolder));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever put there.
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return entries;
    }
}
