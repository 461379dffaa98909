using Serverless.Scoring;

namespace Serverless.Access;

/// <summary>Who may call beside the holders of keys, and how much: <c>auth</c> and <c>limits</c> of serverless.yaml.</summary>
public sealed record AccessSettings
{
    public static AccessSettings Default { get; } = new();

    /// <summary>Whose tokens are taken; null = none.</summary>
    public TokenIssuer? Issuer { get; init; }

    /// <summary>Requests of one caller in <see cref="Per"/>; null = as many as it likes.</summary>
    public int? Requests { get; init; }

    public TimeSpan Per { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What one request may bring.</summary>
    public RequestLimits Request { get; init; } = new();
}

/// <summary>An issuer of JWTs by OpenID Connect, such as Entra ID.</summary>
/// <param name="Issuer">As the tokens' <c>iss</c> has it; its keys are found below <c>/.well-known/openid-configuration</c> of <see cref="Authority"/>.</param>
/// <param name="Audience">As the tokens' <c>aud</c> has it.</param>
/// <param name="Authority">Where the issuer publishes its configuration; null = at <paramref name="Issuer"/>.</param>
public sealed record TokenIssuer(string Issuer, string Audience, string? Authority = null);
