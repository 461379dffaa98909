using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Azure.Signing;
using Serverless.Problems;

namespace Serverless.Azure.Tests;

/// <summary>Against a stand-in for Key Vault's REST API 7.4 that checks what it is asked.</summary>
public sealed class KeyVaultSignerTests
{
    private static readonly Uri Key = new("https://unit.vault.azure.net/keys/model-signing");

    [Fact]
    public async Task SignAsync_InTheVault_IsADerSignatureOfTheMessageByItsPublicKey()
    {
        using var vault = new Vault();
        var signer = Signer(vault);
        using var key = ECDsa.Create();
        key.ImportFromPem(await signer.PublicKeyAsync());
        // Often enough that r or s has a leading zero, which DER leaves out.
        for (var i = 0; i < 600; i++)
        {
            var message = Encoding.UTF8.GetBytes($"message {i}");
            key.VerifyData(message, await signer.SignAsync(message), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence).ShouldBeTrue();
        }
    }

    [Theory, InlineData(HttpStatusCode.Forbidden), InlineData(HttpStatusCode.NotFound)]
    public async Task PublicKeyAsync_Refused_SaysWhatIsNeeded(HttpStatusCode status)
    {
        using var vault = new Vault { Answer = status };
        (await Should.ThrowAsync<EnvironmentException>(() => Signer(vault).PublicKeyAsync())).Message.ShouldContain("Key Vault Crypto User");
    }

    private static KeyVaultSigner Signer(Vault vault) => new(Key, new Token(), new Options { Transport = new HttpClientTransport(vault), Retry = { MaxRetries = 0 } });

    private sealed class Options : ClientOptions;

    private sealed class Token : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("a-token", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            requestContext.Scopes.ShouldBe(["https://vault.azure.net/.default"]);
            return new(GetToken(requestContext, cancellationToken));
        }
    }

    private sealed class Vault : HttpMessageHandler
    {
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public HttpStatusCode Answer { get; init; } = HttpStatusCode.OK;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Answer != HttpStatusCode.OK) return new HttpResponseMessage(Answer) { Content = new StringContent("{}") };
            request.Headers.Authorization!.ToString().ShouldBe("Bearer a-token");
            request.RequestUri!.Query.ShouldBe("?api-version=7.4");
            if (request.Method == HttpMethod.Get)
            {
                request.RequestUri.AbsolutePath.ShouldBe("/keys/model-signing");
                var q = key.ExportParameters(false).Q;
                return Json(new { key = new { kid = Key + "/1", kty = "EC", crv = "P-256", x = Base64Url.EncodeToString(q.X), y = Base64Url.EncodeToString(q.Y) } });
            }

            request.RequestUri.AbsolutePath.ShouldBe("/keys/model-signing/sign");
            using var body = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
            body.RootElement.GetProperty("alg").GetString().ShouldBe("ES256");
            var hash = Base64Url.DecodeFromChars(body.RootElement.GetProperty("value").GetString());
            hash.Length.ShouldBe(32);
            return Json(new { kid = Key + "/1", value = Base64Url.EncodeToString(key.SignHash(hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)) });
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) key.Dispose();
            base.Dispose(disposing);
        }

        private static HttpResponseMessage Json(object value) => new(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(value), Encoding.UTF8, "application/json") };
    }
}
