using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Problems;
using Serverless.Registry.Signing;

namespace Serverless.Azure.Signing;

/// <summary>
/// A key of Key Vault, through its REST API (7.4: <c>GET {key}</c>, <c>POST {key}/sign</c> with ES256 and the digest). The private key never leaves the vault; what is signed is a hash.
/// </summary>
internal sealed class KeyVaultSigner : IModelSigner
{
    private const string Version = "api-version=7.4";

    private readonly Uri key;
    private readonly HttpPipeline pipeline;

    public KeyVaultSigner(Uri key, TokenCredential credential, ClientOptions options)
    {
        this.key = key;
        pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, "https://vault.azure.net/.default"));
    }

    public async Task<string> PublicKeyAsync(CancellationToken cancel = default)
    {
        using var answer = await SendAsync(RequestMethod.Get, key.AbsolutePath, null, cancel).ConfigureAwait(false);
        var jwk = answer.RootElement.GetProperty("key");
        if (jwk.GetProperty("kty").GetString() is not ("EC" or "EC-HSM") || jwk.GetProperty("crv").GetString() != "P-256") throw new EnvironmentException($"the key '{key}' is not an elliptic curve key on P-256, which signing needs.");
        using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } });
        return ec.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    public async Task<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancel = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", value = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(message.Span)) });
        using var answer = await SendAsync(RequestMethod.Post, key.AbsolutePath.TrimEnd('/') + "/sign", body, cancel).ConfigureAwait(false);
        return Der(Bytes(answer.RootElement, "value"));
    }

    /// <summary>Key Vault answers as JWS does, r and s of 32 bytes each (RFC 7518, 3.4); the bundle has ASN.1 DER.</summary>
    internal static byte[] Der(byte[] signature)
    {
        if (signature.Length != 64) throw new EnvironmentException($"Key Vault answered with a signature of {signature.Length} bytes; expected 64");
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new System.Numerics.BigInteger(signature.AsSpan(0, 32), isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true));
        }

        return writer.Encode();
    }

    private async Task<JsonDocument> SendAsync(RequestMethod method, string path, byte[]? body, CancellationToken cancel)
    {
        using var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri($"{key.GetLeftPart(UriPartial.Authority)}{path}?{Version}"));
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(body);
        }

        try
        {
            await pipeline.SendAsync(message, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is global::Azure.RequestFailedException or global::Azure.Identity.AuthenticationFailedException)
        {
            throw new EnvironmentException($"Key Vault cannot be reached for the signing key '{key}': {e.Message}", e);
        }

        if (message.Response.Status == 200) return JsonDocument.Parse(message.Response.Content);
        throw new EnvironmentException($"Key Vault refused the signing key '{key}' (status {message.Response.Status}): the identity needs the role 'Key Vault Crypto User' on it, and the key must exist.");
    }

    private static byte[] Bytes(JsonElement parent, string name) => System.Buffers.Text.Base64Url.DecodeFromChars(parent.GetProperty(name).GetString());
}
