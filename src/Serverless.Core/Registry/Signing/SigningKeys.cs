using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Registry.Signing;

/// <summary>Where the key is that this workspace signs with.</summary>
public static class SigningKeys
{
    /// <summary>Takes the place of <c>signing: { key }</c> where that is not said: deployments set it, so that the workspace need not know its vault.</summary>
    public const string Variable = "SERVERLESS_SIGNING_KEY";

    /// <summary>Null when the text is none of <c>env:VARIABLE</c>, a key's address in Key Vault, and a path.</summary>
    public static SigningKey? Parse(string text, string root)
    {
        if (text.StartsWith("env:", StringComparison.Ordinal))
        {
            var name = text[4..];
            return name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? new SigningKey { Variable = name } : null;
        }

        if (!text.Contains("://", StringComparison.Ordinal)) return text.Length > 0 && !text.Any(char.IsControl) ? new SigningKey { File = Path.GetFullPath(text, root) } : null;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback) && uri.Segments is ["/", "keys/", ..] and { Length: 3 or 4 } && uri.Query.Length == 0
            ? new SigningKey { Vault = uri } : null;
    }

    /// <summary>What the workspace says, else the environment, else a file below the store's folder.</summary>
    /// <exception cref="EnvironmentException">The environment's variable cannot be understood.</exception>
    public static SigningKey Of(Workspace workspace)
    {
        if (workspace.Signing.Key is { } said) return said;
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text)
        {
            return Parse(text, workspace.Root) ?? throw new EnvironmentException($"environment variable '{Variable}' must be a key of Key Vault (https://VAULT.vault.azure.net/keys/NAME), 'env:VARIABLE' or a path.");
        }

        return new SigningKey { File = Path.Combine(workspace.Storage.Folder ?? Path.Combine(workspace.Root, ".serverless"), "keys", "model-signing.pem") };
    }

    /// <summary>The signer for a key in a file or a variable.</summary>
    /// <exception cref="EnvironmentException">The key is in Key Vault, which this host cannot reach.</exception>
    public static IModelSigner Signer(Workspace workspace, IdSource ids) => Of(workspace) switch
    {
        { File: { } path } => new KeyFile(path, ids),
        { Variable: { } variable } => new KeyVariable(variable),
        var key => throw new EnvironmentException($"this host cannot reach Key Vault, where the signing key is ('{key.Vault}')."),
    };
}
