using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Runs;

/// <summary>Ids of runs: <c>kind-yyyyMMddHHmmss-xxxxxx</c>, so that the order of ids is the order of time within a kind.</summary>
public static partial class RunIds
{
    public static string New(string kind, DateTimeOffset at, IdSource ids) => $"{Prefix(kind, at)}-{ids.Next(6)}";

    /// <summary>An id that is the same wherever it is made from the same facts.</summary>
    /// <param name="at">A time that belongs to the facts, not the present one.</param>
    public static string Derived(string kind, DateTimeOffset at, params ReadOnlySpan<string> facts)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(string.Join('\0', facts));
        return $"{Prefix(kind, at)}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))[..12]}";
    }

    internal static string Prefix(string kind, DateTimeOffset at) => $"{kind}-{at.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}";

    internal static bool IsValid(string id) => Valid().IsMatch(id);

    /// <summary>The kind of an id that has the usual form; null for another.</summary>
    internal static string? KindOf(string id) => IsValid(id) && Timed().Match(id) is { Success: true } match ? match.Groups[1].Value : null;

    internal static void Check(string id, string kind)
    {
        if (!Valid().IsMatch(id) || !id.StartsWith(kind + "-", StringComparison.Ordinal))
        {
            throw new RequestException($"'{id}' cannot be the id of a run of kind '{kind}': it must begin with '{kind}-' and have lower-case letters, digits and hyphens only.");
        }
    }

    [GeneratedRegex("^[a-z0-9-]{3,128}$", RegexOptions.CultureInvariant)]
    private static partial Regex Valid();

    [GeneratedRegex("^(.+)-[0-9]{14}-[a-z0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Timed();
}
