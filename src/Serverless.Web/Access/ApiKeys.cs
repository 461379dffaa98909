using System.Security.Cryptography;
using System.Text;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Web.Access;

/// <summary>The keys of the workspace, kept as SHA-256. A key is compared with every one of them in constant time.</summary>
internal sealed class ApiKeys
{
    private readonly (string Name, byte[] Hash, Scope Scope)[] keys;

    public ApiKeys(IReadOnlyList<ApiKeySettings> settings, Func<string, string?> variable)
    {
        var problems = new List<Serverless.Problems.Problem>();
        keys = [.. settings.Select(s => (s.Name, Hash(s, variable, problems), Widest(s, problems)))];
        if (problems.Count > 0) throw new ConfigurationException(problems);
    }

    public bool Any => keys.Length > 0;

    /// <summary>The key's name and scope, or null when nobody has that key.</summary>
    public (string Name, Scope Scope)? Find(string presented)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented), hash);
        (string, Scope)? found = null;
        foreach (var key in keys) if (CryptographicOperations.FixedTimeEquals(hash, key.Hash)) found = (key.Name, key.Scope);
        return found;
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
        var widest = Scope.Open;
        foreach (var text in settings.Scopes)
        {
            if (Enum.TryParse<Scope>(text, ignoreCase: true, out var scope) && scope != Scope.Open && !char.IsAsciiDigit(text[0])) widest = scope > widest ? scope : widest;
            else problems.Add(new($"API key '{settings.Name}': scope '{text}' is not known.{Suggest.Hint(text, ["predict", "operate", "admin"])}", "serverless.yaml"));
        }

        return widest;
    }
}
