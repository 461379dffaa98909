namespace Serverless.Access;

/// <summary>A key that was made with the command line. The key itself is nowhere: only its hash is.</summary>
public sealed record ApiKeyRecord
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Eight characters, also the beginning of the key, so that a key that turns up somewhere can be told and revoked.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is. Two keys of one name are valid while one replaces the other.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key, lower-case hex. A key has 200 random bits, so it needs no salt and no slow hash.</summary>
    public required string Sha256 { get; init; }

    /// <summary>predict, operate, admin.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Null = never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }

    public KeyStatus StatusAt(DateTimeOffset now) => RevokedAt <= now ? KeyStatus.Revoked : ExpiresAt <= now ? KeyStatus.Expired : KeyStatus.Valid;
}

public enum KeyStatus { Valid, Expired, Revoked }

/// <param name="Key">The key, shown this once.</param>
public sealed record NewApiKey(ApiKeyRecord Record, string Key);
