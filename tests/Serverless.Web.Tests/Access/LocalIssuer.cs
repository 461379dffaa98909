using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Serverless.Web.Tests.Access;

/// <summary>An issuer of tokens on this machine: OpenID Connect Discovery, a JWKS, and keys that can be changed.</summary>
internal sealed class LocalIssuer : IAsyncDisposable
{
    public const string Audience = "api://serverless";

    private readonly WebApplication app;
    private RsaSecurityKey key = NewKey("k1");

    private LocalIssuer(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    public RsaSecurityKey Key => key;

    public int Asked { get; private set; }

    public static async Task<LocalIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new LocalIssuer(app);
        app.MapGet("/.well-known/openid-configuration", (HttpContext c) => c.Response.WriteAsync($$"""{"issuer":"{{issuer.Address}}","jwks_uri":"{{issuer.Address}}/keys"}"""));
        app.MapGet("/keys", (HttpContext c) =>
        {
            issuer.Asked++;
            var p = issuer.key.Rsa.ExportParameters(false);
            return c.Response.WriteAsync($$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{issuer.key.KeyId}}","n":"{{Base64UrlEncoder.Encode(p.Modulus)}}","e":"{{Base64UrlEncoder.Encode(p.Exponent)}}"}]}""");
        });
        await app.StartAsync();
        return issuer;
    }

    public void Roll(string kid) => key = NewKey(kid);

    public string Token(string? roles = "predict", string? issuer = null, string? audience = Audience, DateTimeOffset? now = null, TimeSpan? lifetime = null, SigningCredentials? signing = null, string claim = "roles")
    {
        var at = (now ?? DateTimeOffset.UtcNow).UtcDateTime;
        var claims = new List<Claim> { new("sub", "s-1"), new("preferred_username", "ada@example.com") };
        if (roles is not null) claims.Add(new(claim, roles));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Address,
            Audience = audience,
            Subject = new ClaimsIdentity(claims),
            NotBefore = at,
            Expires = at + (lifetime ?? TimeSpan.FromMinutes(30)),
            SigningCredentials = signing ?? new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
        });
    }

    /// <summary>Anybody's token without a signature (RFC 7519, 6).</summary>
    public string Unsigned(string algorithm = "none", DateTimeOffset? now = null) => $"{Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"k1"}""")}.{Token(now: now).Split('.')[1]}.";

    /// <summary>The issuer's own signature over header and payload as given.</summary>
    public string Signed(string header, string payload)
    {
        var head = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}";
        return $"{head}.{Base64UrlEncoder.Encode(key.Rsa.SignData(Encoding.ASCII.GetBytes(head), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>An HMAC over header and payload as given.</summary>
    public static string Hashed(string header, string payload, byte[] secret)
    {
        var head = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}";
        return $"{head}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(head)))}";
    }

    /// <summary>An HMAC whose secret is the public key, as PEM: RFC 8725, 2.1.</summary>
    public string Confused()
    {
        var secret = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key.Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = key.KeyId };
        return Token(signing: new SigningCredentials(secret, SecurityAlgorithms.HmacSha256));
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static RsaSecurityKey NewKey(string kid) => new(RSA.Create(2048)) { KeyId = kid };
}
