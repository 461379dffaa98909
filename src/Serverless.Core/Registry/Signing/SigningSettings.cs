namespace Serverless.Registry.Signing;

/// <summary><c>signing:</c> of serverless.yaml.</summary>
public sealed record SigningSettings
{
    public static SigningSettings Default { get; } = new();

    public SigningPolicy Policy { get; init; } = SigningPolicy.Required;

    /// <summary>Where the private key is; null = a file below the store's folder, made when it is first needed.</summary>
    public SigningKey? Key { get; init; }

    /// <summary>Paths of PEM files with public keys that are trusted too, absolute: keys of before a rotation, or of another workspace.</summary>
    public IReadOnlyList<string> Trust { get; init; } = [];
}

public enum SigningPolicy
{
    /// <summary>A version without a good signature is neither promoted nor loaded.</summary>
    Required,

    /// <summary>A version that has no signature at all is taken with a warning. One that has a bad signature is refused as ever.</summary>
    Warn,
}

/// <summary>Exactly one of the three is set.</summary>
public sealed record SigningKey
{
    /// <summary>A PEM file, absolute.</summary>
    public string? File { get; init; }

    /// <summary>An environment variable that holds the PEM.</summary>
    public string? Variable { get; init; }

    /// <summary>A key of Key Vault: <c>https://VAULT.vault.azure.net/keys/NAME[/VERSION]</c>.</summary>
    public Uri? Vault { get; init; }
}
