using System.Security.Cryptography;
using Serverless.Problems;

namespace Serverless.Registry.Signing;

/// <summary>A private key in PEM.</summary>
internal static class PemKey
{
    /// <exception cref="EnvironmentException">Not a private key on P-256. The message never shows the text.</exception>
    public static ECDsa Read(string pem, string where)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.KeySize != 256) throw new CryptographicException($"its curve has {key.KeySize} bits; expected P-256");
            _ = key.ExportParameters(includePrivateParameters: true);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new EnvironmentException($"{where} does not hold a private key on P-256 in PEM ({e.Message}). Make one: openssl ecparam -name prime256v1 -genkey -noout", e);
        }
    }

    public static byte[] Sign(ECDsa key, ReadOnlySpan<byte> message) => key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
}

/// <summary>The key in an environment variable, where a container's secrets are.</summary>
internal sealed class KeyVariable(string variable) : IModelSigner
{
    public Task<string> PublicKeyAsync(CancellationToken cancel = default)
    {
        using var key = Open();
        return Task.FromResult(PublicKey.Pem(key));
    }

    public Task<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancel = default)
    {
        using var key = Open();
        return Task.FromResult(PemKey.Sign(key, message.Span));
    }

    private ECDsa Open() => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } pem
        ? PemKey.Read(pem, $"environment variable '{variable}'")
        : throw new EnvironmentException($"environment variable '{variable}', which should hold the signing key, is not set.");
}
