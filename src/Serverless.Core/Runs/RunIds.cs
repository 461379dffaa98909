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

    /// <summary>The kind of an id, also of one that this process does not know; null when it is no id.</summary>
    internal static string? KindOf(string id) => id.Length <= 128 && Valid().Match(id) is { Success: true } match ? match.Groups[1].Value : null;

    internal static void Check(string id, string kind)
    {
        if (KindOf(id) != kind) throw new RequestException($"'{id}' cannot be the id of a run of kind '{kind}': ids look like '{kind}-20010105040000-k3x9q2'.");
    }

    [GeneratedRegex("^([a-z][a-z0-9-]*)-[0-9]{14}-[a-z0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Valid();
}
