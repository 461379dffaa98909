using System.Text.RegularExpressions;
using Serverless.Problems;

namespace Serverless.Secrets;

/// <summary>Where a secret is: <c>env:NAME</c> or <c>vault:VAULT/NAME</c>. The secret itself never stands in a file.</summary>
public sealed partial record SecretReference(string Scheme, string Name)
{
    public const string Environment = "env";
    public const string Vault = "vault";

    /// <summary>Null when the text is no reference.</summary>
    public static SecretReference? Parse(string text) => Pattern().Match(text) is { Success: true } m ? new SecretReference(m.Groups[1].Value, m.Groups[2].Value) : null;

    /// <summary>Meant as a reference, well formed or not.</summary>
    public static bool LooksLike(string text) => text.StartsWith($"{Environment}:", StringComparison.Ordinal) || text.StartsWith($"{Vault}:", StringComparison.Ordinal);

    public override string ToString() => $"{Scheme}:{Name}";

    [GeneratedRegex(@"^(env|vault):((?<=env:)[A-Za-z_][A-Za-z0-9_]{0,127}|(?<=vault:)[A-Za-z0-9-]{1,127}/[A-Za-z0-9-]{1,127})$")]
    private static partial Regex Pattern();
}

/// <summary>A value of a header or parameter: plain text, or a secret with what stands before it (<c>Bearer env:TOKEN</c>).</summary>
/// <param name="Literal">The text; null when it is a secret.</param>
/// <param name="Prefix">Text before the secret.</param>
public sealed record SecretText(string? Literal, string Prefix = "", SecretReference? Secret = null)
{
    public static SecretText Parse(string text)
    {
        var space = text.LastIndexOf(' ');
        return SecretReference.Parse(text[(space + 1)..]) is { } secret ? new SecretText(null, text[..(space + 1)], secret) : new SecretText(text);
    }
}

/// <summary>Resolves references of one scheme.</summary>
public interface ISecretStore
{
    /// <summary><c>env</c>, <c>vault</c>.</summary>
    string Scheme { get; }

    /// <summary>The secret, or null when there is none of that name.</summary>
    ValueTask<string?> FindAsync(string name, CancellationToken cancel = default);
}

/// <summary>Resolves references of any scheme that the host has a store for.</summary>
public sealed class SecretReader(IEnumerable<ISecretStore> stores)
{
    /// <exception cref="SecretException">There is no such secret.</exception>
    public async ValueTask<string> GetAsync(SecretReference reference, CancellationToken cancel = default)
    {
        var store = stores.FirstOrDefault(s => s.Scheme == reference.Scheme) ?? throw new SecretException(
            $"'{reference}': this host has no store for secrets of the kind '{reference.Scheme}'. It has: {string.Join(", ", stores.Select(s => s.Scheme).Order(StringComparer.Ordinal))}.");
        return await store.FindAsync(reference.Name, cancel) is { } secret && !string.IsNullOrWhiteSpace(secret) ? secret.Trim()
            : throw new SecretException(reference.Scheme == SecretReference.Environment ? $"the environment variable {reference.Name} is not set in this process, or empty" : $"'{reference}' does not exist, or is empty");
    }

    /// <summary>The text as it is sent.</summary>
    /// <exception cref="SecretException">There is no such secret.</exception>
    public async ValueTask<string> ResolveAsync(SecretText text, CancellationToken cancel = default) =>
        text.Secret is { } secret ? text.Prefix + await GetAsync(secret, cancel) : text.Literal!;
}

/// <summary>A secret that something refers to is not there. The message names the reference only.</summary>
public sealed class SecretException(string message) : ServerlessException(message);

/// <summary>Environment variables.</summary>
internal sealed class EnvironmentSecrets : ISecretStore
{
    public string Scheme => SecretReference.Environment;

    public ValueTask<string?> FindAsync(string name, CancellationToken cancel = default) => new(Environment.GetEnvironmentVariable(name));
}
