using System.Text.RegularExpressions;

namespace Serverless.Sources;

/// <summary>Where a secret is: <c>env:NAME</c> or <c>vault:VAULT/NAME</c>. The secret itself never stands in a file.</summary>
public sealed partial record SecretReference(string Scheme, string Name)
{
    public const string Environment = "env";
    public const string Vault = "vault";

    /// <summary>Null when the text is no reference.</summary>
    public static SecretReference? Parse(string text) => Pattern().Match(text) is { Success: true } m ? new SecretReference(m.Groups[1].Value, m.Groups[2].Value) : null;

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
public sealed class Secrets(IEnumerable<ISecretStore> stores)
{
    /// <exception cref="SourceException">There is no such secret. The message names the reference only.</exception>
    public async ValueTask<string> GetAsync(SecretReference reference, CancellationToken cancel = default)
    {
        var store = stores.FirstOrDefault(s => s.Scheme == reference.Scheme) ?? throw new SourceException(
            $"'{reference}': this host has no store for secrets of the kind '{reference.Scheme}'. It has: {string.Join(", ", stores.Select(s => s.Scheme).Order(StringComparer.Ordinal))}.");
        return await store.FindAsync(reference.Name, cancel) is { Length: > 0 } secret ? secret : throw new SourceException(reference.Scheme == SecretReference.Environment
            ? $"environment variable '{reference.Name}' is not set, or empty; a source needs it." : $"'{reference}' does not exist, or is empty; a source needs it.");
    }

    /// <summary>The text as it is sent.</summary>
    public async ValueTask<string> ResolveAsync(SecretText text, CancellationToken cancel = default) =>
        text.Secret is { } secret ? text.Prefix + await GetAsync(secret, cancel) : text.Literal!;
}

/// <summary>Environment variables.</summary>
internal sealed class EnvironmentSecrets : ISecretStore
{
    public string Scheme => SecretReference.Environment;

    public ValueTask<string?> FindAsync(string name, CancellationToken cancel = default) => new(Environment.GetEnvironmentVariable(name));
}
