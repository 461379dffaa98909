using Serverless.Cli.Hosting;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary>The files that an ingest was given. All of them are looked for before any is stored.</summary>
internal static class DropFiles
{
    /// <summary>Typed name and full path of each. A pattern in quotes (<c>'drops/*.gz'</c>) is expanded here, in ordinal order.</summary>
    public static IReadOnlyList<(string Name, string Path)> Find(CommandContext context, IEnumerable<string> typed)
    {
        var files = typed.SelectMany(t => Expand(context, t)).ToArray();
        var twice = files.GroupBy(f => Path.GetFileName(f.Path), StringComparer.Ordinal).FirstOrDefault(g => g.Select(f => f.Path).Distinct().Count() > 1);
        if (twice is not null)
        {
            throw new RequestException($"two of the files are named '{twice.Key}': the second would correct the first. Ingest them one after the other if that is meant, or with --append.");
        }

        return files.DistinctBy(f => f.Path).ToArray();
    }

    private static IEnumerable<(string Name, string Path)> Expand(CommandContext context, string typed)
    {
        var path = context.FullPath(typed);
        if (File.Exists(path)) return [(typed, path)];
        if (Directory.Exists(path)) throw new RequestException($"'{typed}' is a folder. Name its files: '{Path.TrimEndingDirectorySeparator(typed)}/*'.");
        var pattern = Path.GetFileName(path);
        var folder = Path.GetDirectoryName(path);
        if (pattern.IndexOfAny(['*', '?']) >= 0 && Directory.Exists(folder))
        {
            var found = Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).ToArray();
            if (found.Length > 0) return found.Select(f => (Path.Combine(Path.GetDirectoryName(typed) ?? "", Path.GetFileName(f)), f));
            throw new FileNotFoundException($"no file matches '{typed}'; nothing was ingested.");
        }

        throw new FileNotFoundException($"file '{typed}' does not exist; nothing was ingested.");
    }
}
