using System.Security.Cryptography;
using System.Text;

namespace Serverless.Registry.Signing;

/// <summary>A public key that is trusted.</summary>
internal sealed class PublicKey : IDisposable
{
    private readonly ECDsa key;

    private PublicKey(ECDsa key, string hint, string source) => (this.key, Hint, Source) = (key, hint, source);

    /// <summary>SHA-256 of the key's PEM, lower-case hex: what a bundle of the specification's key-based signing calls it by.</summary>
    public string Hint { get; }

    /// <summary>Where it came from, for messages.</summary>
    public string Source { get; }

    /// <exception cref="CryptographicException">Not a public key on P-256, P-384 or P-521.</exception>
    public static PublicKey FromPem(string pem, string source)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.KeySize is not (256 or 384 or 521)) throw new CryptographicException($"its curve has {key.KeySize} bits; expected P-256, P-384 or P-521");
            return new PublicKey(key, HintOf(Pem(key)), source);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw e as CryptographicException ?? new CryptographicException(e.Message, e);
        }
    }

    /// <summary>As OpenSSL and Python's cryptography write it: lines of 64, a line feed at the end. The hint is of these bytes.</summary>
    public static string Pem(ECDsa key) => key.ExportSubjectPublicKeyInfoPem() + "\n";

    public static string HintOf(string pem) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(pem)));

    /// <param name="signature">ASN.1 DER.</param>
    public bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        var hash = key.KeySize switch { 256 => HashAlgorithmName.SHA256, 384 => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        return key.VerifyData(message, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    public void Dispose() => key.Dispose();
}
