using System.Security.Claims;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Serverless.Access;

namespace Serverless.Web.Access;

/// <summary>
/// JWTs of one issuer (RFC 7519, RFC 8725; Entra ID's access tokens). Only signatures by the issuer's public keys count, so neither <c>none</c> nor an HMAC with a public key as its secret gets through.
/// </summary>
internal sealed partial class BearerTokens(TokenIssuer issuer, IssuerKeys keys, TimeProvider time, ILogger<BearerTokens> logger)
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };

    /// <summary>A JWT has three parts; none of our keys has a point in it.</summary>
    public static bool Looks(string credential) => credential.AsSpan().Count('.') == 2;

    public async Task<FoundToken> CheckAsync(string token, CancellationToken cancel)
    {
        IReadOnlyList<SecurityKey> signing;
        try
        {
            if (!handler.CanReadToken(token)) return new FoundToken(null, Scope.Open, "The token is no JWT.");
            signing = await keys.OfAsync(handler.ReadJsonWebToken(token).Kid, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SecurityTokenException or ArgumentException)
        {
            return new FoundToken(null, Scope.Open, "The token is no JWT.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnreachable(e, issuer.Issuer);
            return new FoundToken(null, Scope.Open, "The issuer's keys cannot be read now, so no token can be checked. Try again.", Unavailable: true);
        }

        if (signing.Count == 0) return new FoundToken(null, Scope.Open, "The token is signed by a key that the issuer does not publish.");
        var result = await handler.ValidateTokenAsync(token, Parameters(signing)).ConfigureAwait(false);
        return result.IsValid ? Found(result.ClaimsIdentity) : new FoundToken(null, Scope.Open, Reason(result.Exception));
    }

    private TokenValidationParameters Parameters(IReadOnlyList<SecurityKey> signing) => new()
    {
        ValidIssuer = issuer.Issuer,
        ValidAudience = issuer.Audience,
        ValidAlgorithms = Algorithms,
        IssuerSigningKeys = signing,
        // They were chosen by the token's kid already; a token without one (it is optional, RFC 7515, 4.1.4) is tried with each.
        TryAllIssuerSigningKeys = true,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ClockSkew = Skew,
        LifetimeValidator = (from, until, _, _) => until is { } end && Now() <= end + Skew && !(from - Skew > Now()),
    };

    private DateTime Now() => time.GetUtcNow().UtcDateTime;

    /// <summary>App roles and delegated scopes, by their last part: <c>predict</c>, <c>Serverless.Operate</c>.</summary>
    private static FoundToken Found(ClaimsIdentity claims)
    {
        var scope = claims.Claims.Where(c => c.Type is "roles" or "role" or "scp" or "scope").SelectMany(c => c.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(v => Scopes.Parse(v[(v.LastIndexOfAny(['.', '/']) + 1)..].ToLowerInvariant()) ?? Scope.Open).DefaultIfEmpty(Scope.Open).Max();
        var name = new[] { "preferred_username", "upn", "appid", "azp", "client_id", "sub" }.Select(t => claims.FindFirst(t)?.Value).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? "token";
        return new FoundToken(name, scope, null);
    }

    // In our words: the library's repeat parts of the token.
    private static string Reason(Exception? e) => e switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => "The token is expired, not valid yet, or never expires.",
        SecurityTokenInvalidIssuerException => "The token is of another issuer.",
        SecurityTokenInvalidAudienceException => "The token is for another audience.",
        SecurityTokenInvalidAlgorithmException => "The token is signed in a way that is not taken here.",
        _ => "The token's signature is not good.",
    };

    [LoggerMessage(EventId = 6103, Level = LogLevel.Error, Message = "The keys of the issuer {Issuer} cannot be read; nobody can come in with a token.")]
    private partial void LogUnreachable(Exception error, string issuer);
}

/// <param name="Name">Whose it is; null when the token is not good.</param>
/// <param name="Problem">Why it is not.</param>
internal sealed record FoundToken(string? Name, Scope Scope, string? Problem, bool Unavailable = false);
