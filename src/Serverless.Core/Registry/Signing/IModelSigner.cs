namespace Serverless.Registry.Signing;

/// <summary>
/// Signs with a private key that never leaves its place: a file of this machine, or Key Vault. ECDSA on P-256 with SHA-256 (FIPS 186-5), as the OpenSSF Model Signing
/// specification takes it.
/// </summary>
public interface IModelSigner
{
    /// <summary>The public half as PEM (SubjectPublicKeyInfo, RFC 5280). Makes the key if the place allows and there is none.</summary>
    /// <exception cref="Problems.EnvironmentException">There is no key and none can be made, or it cannot be reached.</exception>
    Task<string> PublicKeyAsync(CancellationToken cancel = default);

    /// <summary>The signature of the message in ASN.1 DER (RFC 3279), with the key whose public half <see cref="PublicKeyAsync"/> tells.</summary>
    Task<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancel = default);
}
