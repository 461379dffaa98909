using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Serverless.Access;

namespace Serverless.Web.Access;

/// <summary>
/// The public keys of an issuer, found by OpenID Connect Discovery 1.0 and kept. A token signed by a key that is not among them makes us look again, at most every <see cref="Least"/>: so a rollover is
/// followed at once, and tokens with invented keys cannot make us flood the issuer.
/// </summary>
internal sealed class IssuerKeys(TokenIssuer issuer, HttpClient http, TimeProvider time)
{
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <summary>Keys are fetched again after this time in any case: one that the issuer took back is not trusted for ever.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private const int MaxDocument = 1 << 20;

    private readonly SemaphoreSlim fetching = new(1, 1);
    private IReadOnlyList<SecurityKey> known = [];
    private DateTimeOffset? tried;
    private DateTimeOffset? fetched;

    /// <summary>Keys by the token's <c>kid</c>, all when it has none. Throws what fetching throws when none were ever fetched.</summary>
    public async Task<IReadOnlyList<SecurityKey>> OfAsync(string? kid, CancellationToken cancel)
    {
        if (!Stale && Matching(kid) is { Count: > 0 } keys) return keys;
        await fetching.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if ((Stale || Matching(kid).Count == 0) && !(tried is { } last && time.GetUtcNow() - last < Least)) await FetchAsync(cancel).ConfigureAwait(false);
            return Matching(kid);
        }
        finally
        {
            fetching.Release();
        }
    }

    private bool Stale => fetched is not { } at || time.GetUtcNow() - at > Longest;

    private IReadOnlyList<SecurityKey> Matching(string? kid) => string.IsNullOrEmpty(kid) ? known : [.. known.Where(k => k.KeyId == kid)];

    private async Task FetchAsync(CancellationToken cancel)
    {
        tried = time.GetUtcNow();
        try
        {
            var configuration = new Uri($"{(issuer.Authority ?? issuer.Issuer).TrimEnd('/')}/.well-known/openid-configuration");
            using var document = JsonDocument.Parse(await GetAsync(configuration, cancel).ConfigureAwait(false));
            var named = document.RootElement.GetProperty("issuer").GetString();
            if (named != issuer.Issuer) throw new InvalidDataException($"the configuration at {configuration} is of the issuer '{named}', not of '{issuer.Issuer}'");
            var address = new Uri(document.RootElement.GetProperty("jwks_uri").GetString()!);
            if (address.Scheme != "https" && !address.IsLoopback) throw new InvalidDataException($"the issuer's keys are not at an https address: {address}");
            var set = new JsonWebKeySet(await GetAsync(address, cancel).ConfigureAwait(false));
            // Keys that encrypt, and secret keys that somebody published by mistake, verify nothing.
            known = [.. set.GetSigningKeys().Where(k => k is not SymmetricSecurityKey and not JsonWebKey { Kty: "oct" })];
            fetched = tried;
        }
        catch (Exception e) when (e is not OperationCanceledException && known.Count > 0)
        {
            // The issuer is away: what it said before still holds, until it is asked again.
            return;
        }
    }

    private async Task<string> GetAsync(Uri address, CancellationToken cancel)
    {
        using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        await response.Content.LoadIntoBufferAsync(MaxDocument, cancel).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
    }
}
