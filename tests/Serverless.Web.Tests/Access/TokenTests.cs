using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Serverless.Access;
using Serverless.Web.Access;

namespace Serverless.Web.Tests.Access;

/// <summary>Tokens against an issuer of our own; what Entra ID does is the same protocol.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private LocalIssuer issuer = null!;
    private WebHost host = null!;

    public async Task InitializeAsync()
    {
        issuer = await LocalIssuer.StartAsync();
        host = await WebHost.StartAsync(Flights.Workspace() with { Access = new AccessSettings { Issuer = new TokenIssuer(issuer.Address, LocalIssuer.Audience) } }, services: s => s.AddSingleton<TimeProvider>(time));
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("predict", "roles", "/v1/models", 200)]
    [InlineData("Serverless.Predict", "roles", "/v2", 200)]
    [InlineData("openid api://serverless/operate", "scp", "/v1/datasets", 200)]
    [InlineData("predict", "roles", "/v1/datasets", 403)]
    [InlineData("reader", "roles", "/v1/models", 403)]
    [InlineData(null, "roles", "/v1/models", 403)]
    public async Task Get_WithAToken_GoesByItsRolesAndScopes(string? roles, string claim, string path, int status)
    {
        var (got, body) = await GetAsync(path, issuer.Token(roles, now: time.GetUtcNow(), claim: claim));
        got.ShouldBe(status, body);
        if (status == 403) body.ShouldContain("The token of 'ada@example.com' has the role");
    }

    [Fact]
    public async Task Get_WithAWrongToken_IsRefusedAndSaysWhatIsWrong()
    {
        var now = time.GetUtcNow();
        await RefusedAsync(issuer.Token(issuer: "https://evil.example", now: now), "of another issuer");
        await RefusedAsync(issuer.Token(audience: "api://other", now: now), "for another audience");
        await RefusedAsync(issuer.Token(now: now.AddHours(-2)), "expired");
        await RefusedAsync(issuer.Token(now: now.AddHours(2)), "not valid yet");
        await RefusedAsync(issuer.Token(now: now, lifetime: TimeSpan.FromMinutes(30))[..^4] + "AAAA", "signature is not good");
        await RefusedAsync(issuer.Unsigned(), "not");
        await RefusedAsync(issuer.Confused(), "not");
        using var stranger = RSA.Create(2048);
        await RefusedAsync(issuer.Token(now: now, signing: new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256)), "signature is not good");
        await RefusedAsync(issuer.Token(now: now, signing: new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "zz" }, SecurityAlgorithms.RsaSha256)), "a key that the issuer does not publish");
        await RefusedAsync("a.b.c", "no JWT");
        await RefusedAsync("..", "no JWT");
        (await GetAsync("/v1/models", issuer.Token(now: now))).Status.ShouldBe(200);
    }

    /// <summary>A minute of grace, to the second, at both ends.</summary>
    [Theory]
    [InlineData(30 * 60 + 59, 200), InlineData(30 * 60 + 61, 401), InlineData(-59, 200), InlineData(-61, 401)]
    public async Task Get_WithATokenAtTheEdgeOfItsLifetime_GoesByTheClockAndAMinute(int secondsAfterItBegins, int status)
    {
        var token = issuer.Token(now: time.GetUtcNow().AddSeconds(-secondsAfterItBegins), lifetime: TimeSpan.FromMinutes(30));
        (await GetAsync("/v1/models", token)).Status.ShouldBe(status);
    }

    /// <summary>What RFC 8725 warns of, and claims that are missing or of other types; all would be good with the right ones.</summary>
    [Fact]
    public async Task Get_WithAForgedToken_IsRefused()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var good = $$"""{"iss":"{{issuer.Address}}","aud":"{{LocalIssuer.Audience}}","exp":{{now + 600}},"nbf":{{now}},"roles":["admin"],"sub":"s"}""";
        const string Head = """{"alg":"RS256","typ":"JWT","kid":"k1"}""";
        (await GetAsync("/v1/models", issuer.Signed(Head, good))).Status.ShouldBe(200);
        (await GetAsync("/v1/models", issuer.Signed("""{"alg":"RS256"}""", good))).Status.ShouldBe(200, "a kid is optional (RFC 7515, 4.1.4)");

        foreach (var none in new[] { "none", "None", "NONE", "nOnE", "" }) await RefusedAsync(issuer.Unsigned(none, time.GetUtcNow()), "The token");
        var parameters = issuer.Key.Rsa.ExportParameters(false);
        byte[][] published = [parameters.Modulus!, issuer.Key.Rsa.ExportSubjectPublicKeyInfo(), System.Text.Encoding.UTF8.GetBytes(issuer.Key.Rsa.ExportSubjectPublicKeyInfoPem()), System.Text.Encoding.UTF8.GetBytes(issuer.Key.Rsa.ExportRSAPublicKeyPem()), [0]];
        foreach (var secret in published) await RefusedAsync(LocalIssuer.Hashed("""{"alg":"HS256","typ":"JWT","kid":"k1"}""", good, secret), "The token");
        foreach (var secret in published) await RefusedAsync(LocalIssuer.Hashed("""{"alg":"HS256","typ":"JWT"}""", good, secret), "The token");

        using var stranger = RSA.Create(2048);
        var own = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(stranger.ExportParameters(false)));
        // A key that the token brings along (jwk, jku, x5c) is nobody's word but the sender's.
        var brought = $$"""{"alg":"RS256","typ":"JWT","kid":"k1","jku":"http://127.0.0.1:9/keys","jwk":{"kty":"RSA","n":"{{own.N}}","e":"{{own.E}}"} }""";
        var signed = $"{Base64UrlEncoder.Encode(brought)}.{Base64UrlEncoder.Encode(good)}";
        await RefusedAsync($"{signed}.{Base64UrlEncoder.Encode(stranger.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}", "signature is not good");

        string Without(string claim)
        {
            var claims = JsonNode.Parse(good)!.AsObject();
            claims.Remove(claim);
            return claims.ToJsonString();
        }

        foreach (var claim in new[] { "iss", "aud", "exp" }) await RefusedAsync(issuer.Signed(Head, Without(claim)), "The token");
        foreach (var wrong in new[] { "null", "[]", "{}", "5", "\"text\"", "" }) await RefusedAsync(issuer.Signed(Head, wrong), "The token");
        await RefusedAsync(issuer.Signed(Head, good.Replace($"{now + 600}", "\"soon\"", StringComparison.Ordinal)), "The token");
        await RefusedAsync(issuer.Signed("""{"alg":"RS256","kid":7}""", good), "The token");
        await RefusedAsync(issuer.Token(now: time.GetUtcNow()) + new string('A', 20_000), "The token");
        host.Log.Entries.ShouldNotContain(e => e.Id == 6001);
    }

    [Fact]
    public async Task Get_AfterTheIssuerChangedItsKey_FollowsAtOnceButDoesNotLetItselfBeUsedToFloodIt()
    {
        (await GetAsync("/v1/models", issuer.Token(now: time.GetUtcNow()))).Status.ShouldBe(200);
        var old = issuer.Token(now: time.GetUtcNow());
        issuer.Roll("k2");
        time.Advance(IssuerKeys.Least);
        (await GetAsync("/v1/models", issuer.Token(now: time.GetUtcNow()))).Status.ShouldBe(200);
        (await GetAsync("/v1/models", old)).Status.ShouldBe(401);

        var asked = issuer.Asked;
        using var stranger = RSA.Create(2048);
        for (var i = 0; i < 20; i++)
        {
            var signing = new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = $"invented-{i}" }, SecurityAlgorithms.RsaSha256);
            (await GetAsync("/v1/models", issuer.Token(now: time.GetUtcNow(), signing: signing))).Status.ShouldBe(401);
        }

        issuer.Asked.ShouldBe(asked);
    }

    [Fact]
    public async Task Get_WhenTheIssuerIsAway_GoesOnWithTheKeysItHas()
    {
        var token = issuer.Token(now: time.GetUtcNow());
        (await GetAsync("/v1/models", token)).Status.ShouldBe(200);
        await issuer.DisposeAsync();
        (await GetAsync("/v1/models", token)).Status.ShouldBe(200);
        host.Log.All.ShouldNotContain(token);
        host.Log.All.ShouldNotContain(token.Split('.')[1]);
    }

    [Fact]
    public async Task Get_WhenTheIssuerWasNeverThere_SaysSo()
    {
        await using var lost = await WebHost.StartAsync(Flights.Workspace() with { Access = new AccessSettings { Issuer = new TokenIssuer("http://127.0.0.1:9", "a") } });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", issuer.Token()) } };
        using var response = await lost.Client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).ShouldContain("issuer's keys cannot be read now");
        lost.Log.Entries.ShouldContain(e => e.Id == 6103);
    }

    private async Task RefusedAsync(string token, string reason)
    {
        var (status, body) = await GetAsync("/v1/models", token);
        status.ShouldBe(401, body);
        body.ShouldContain(reason);
    }

    private async Task<(int Status, string Body)> GetAsync(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var response = await host.Client.SendAsync(request);
        var body = await response.Content.ReadFromJsonAsync<JsonNode>();
        if (response.StatusCode == HttpStatusCode.Unauthorized) response.Headers.WwwAuthenticate.ShouldContain(h => h.Scheme == "Bearer");
        return ((int)response.StatusCode, (body!["detail"] ?? body).ToString());
    }
}
