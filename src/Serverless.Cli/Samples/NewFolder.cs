using Serverless.Problems;

namespace Serverless.Cli.Samples;

/// <summary>A folder in which a workspace is made: nothing that is there already is ever overwritten.</summary>
internal static class NewFolder
{
    public const string IgnoreFile = ".gitignore";

    /// <summary>Makes the folder. Throws, before anything is written, when one of <paramref name="files"/> is there; a .gitignore may be.</summary>
    public static void Claim(string folder, IEnumerable<string> files)
    {
        if (File.Exists(folder)) throw new RequestException($"'{folder}' is a file; name a folder.");
        if (File.Exists(Path.Combine(folder, "serverless.yaml"))) throw new RequestException($"'{folder}' holds a workspace already; nothing was changed. Name another folder.");
        var there = files.Where(f => f != IgnoreFile && File.Exists(Path.Combine(folder, f))).ToArray();
        if (there.Length > 0) throw new RequestException($"'{folder}' holds '{there[0]}' already; nothing was changed. Name another folder.");
        Directory.CreateDirectory(folder);
    }

    /// <summary>Keeps the local store out of version control.</summary>
    public static void WriteIgnore(string folder)
    {
        var file = Path.Combine(folder, IgnoreFile);
        if (!File.Exists(file)) File.WriteAllText(file, ".serverless/\n");
    }
}
