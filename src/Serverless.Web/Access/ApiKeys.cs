using System.Security.Cryptography;
using System.Text;
using Serverless.Access;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Web.Access;

/// <summary>
/// The keys of the workspace's file and of its store, kept as SHA-256. A key is compared with every one of them in constant time; those of the store are exchanged as a whole when they were read again.
/// </summary>
internal sealed class ApiKeys
{
    private readonly Key[] configured;
    private readonly TimeProvider time;
    private volatile Key[] all;
    private volatile bool unknown;

    public ApiKeys(IReadOnlyList<ApiKeySettings> settings, Func<string, string?> variable, TimeProvider time)
    {
        this.time = time;
        var problems = new List<Serverless.Problems.Problem>();
        configured = [.. settings.Select(s => new Key(s.Name, Hash(s, variable, problems), Widest(s, problems), s.ExpiresAt))];
        if (problems.Count > 0) throw new ConfigurationException(problems);
        all = configured;
    }

    /// <summary>Callers need a key: there are some, or whether there are could not be found out.</summary>
    public bool Any => all.Length > 0 || unknown;

    /// <summary>The store's keys as they are now. A revoked key counts among those there are: taking the last one away does not open the door.</summary>
    public void Take(IReadOnlyList<ApiKeyRecord> stored)
    {
        all = [.. configured, .. stored.Select(k => new Key(k.Name, Convert.FromHexString(k.Sha256), Widest(k.Scopes), k.RevokedAt is { } revoked && !(k.ExpiresAt < revoked) ? revoked : k.ExpiresAt))];
        unknown = false;
    }

    /// <summary>The store cannot be asked. What is known stays; when nothing ever was, nobody is let in.</summary>
    public void Unreachable(bool never) => unknown = never;

    /// <summary>What a key opens now, or null when nobody has that key.</summary>
    public FoundKey? Find(string presented)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented), hash);
        Key? found = null;
        foreach (var key in all) if (CryptographicOperations.FixedTimeEquals(hash, key.Hash)) found = key;
        return found is null ? null : new FoundKey(found.Name, found.Scope, found.Ends <= time.GetUtcNow());
    }

    private static byte[] Hash(ApiKeySettings settings, Func<string, string?> variable, List<Serverless.Problems.Problem> problems)
    {
        if (settings.Sha256 is { } hex)
        {
            if (hex.Length == 64 && hex.All(char.IsAsciiHexDigit)) return Convert.FromHexString(hex);
            problems.Add(new($"API key '{settings.Name}': sha256 must be 64 hexadecimal digits (`printf %s KEY | sha256sum`)", "serverless.yaml"));
            return [];
        }

        if (settings.Variable is { } name && variable(name) is { Length: > 0 } key) return SHA256.HashData(Encoding.UTF8.GetBytes(key));
        problems.Add(new(settings.Variable is null
            ? $"API key '{settings.Name}' has neither sha256 nor variable"
            : $"API key '{settings.Name}' is read from the environment variable '{settings.Variable}', which is not set", "serverless.yaml"));
        return [];
    }

    private static Scope Widest(ApiKeySettings settings, List<Serverless.Problems.Problem> problems)
    {
        foreach (var text in settings.Scopes)
        {
            if (Scopes.Parse(text) is null) problems.Add(new($"API key '{settings.Name}': scope '{text}' is not known.{Suggest.Hint(text, Scopes.Names)}", "serverless.yaml"));
        }

        return Widest(settings.Scopes);
    }

    private static Scope Widest(IEnumerable<string> scopes) => scopes.Select(s => Scopes.Parse(s) ?? Scope.Open).DefaultIfEmpty(Scope.Open).Max();

    private sealed record Key(string Name, byte[] Hash, Scope Scope, DateTimeOffset? Ends);
}

/// <param name="Over">It was a key, and is expired or revoked.</param>
internal readonly record struct FoundKey(string Name, Scope Scope, bool Over);
