using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Sources;

/// <summary>A glob over paths with forward slashes: <c>*</c> and <c>?</c> within a name, <c>**/</c> over any number of folders. Names that begin with a dot or look unfinished never match.</summary>
public sealed class FilePattern
{
    private static readonly string[] Unfinished = [".tmp", ".part", ".partial", ".crdownload", ".download", ".swp", "~"];

    private readonly Regex regex;

    public FilePattern(string glob)
    {
        var pattern = new StringBuilder("^");
        for (var i = 0; i < glob.Length; i++)
        {
            if (glob.AsSpan(i).StartsWith("**/"))
            {
                pattern.Append("(?:[^/]+/)*");
                i += 2;
            }
            else if (glob[i] == '*') pattern.Append("[^/]*");
            else if (glob[i] == '?') pattern.Append("[^/]");
            else pattern.Append(Regex.Escape(glob[i].ToString()));
        }

        regex = new Regex(pattern.Append('$').ToString(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    /// <summary>Whether the file is of a name that something still writes to.</summary>
    public static bool Ignored(string name) => name.StartsWith('.') || Unfinished.Any(u => name.EndsWith(u, StringComparison.OrdinalIgnoreCase));

    /// <summary>The name in landing of a file at a path: unlike for unlike paths.</summary>
    public static string DropName(string source, string path) => $"{source}-{path.Replace("__", "_~_", StringComparison.Ordinal).Replace("/", "__", StringComparison.Ordinal)}";

    public bool Matches(string path) => !path.Split('/').Any(Ignored) && regex.IsMatch(path);
}
