using System.Security.Cryptography;
using Serverless.Problems;

namespace Serverless.Registry.Signing;

/// <summary>The keys whose signatures count: those that serverless.yaml trusts, and the signer's own.</summary>
internal sealed class TrustedKeys(SigningSettings settings, IModelSigner signer) : IDisposable
{
    private readonly Lazy<PublicKey[]> configured = new(() => [.. settings.Trust.Select(Read)]);
    private readonly SemaphoreSlim asking = new(1, 1);
    private PublicKey? own;

    /// <summary>The key that a bundle names, or null when it is not trusted. The signer is asked only when no configured key is meant.</summary>
    public async ValueTask<PublicKey?> FindAsync(string? hint, CancellationToken cancel)
    {
        if (hint is not null && Array.Find(configured.Value, k => k.Hint == hint) is { } key) return key;
        var mine = await OwnAsync(cancel);
        return hint is null || mine.Hint == hint ? mine : null;
    }

    public async ValueTask<PublicKey> OwnAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref own) is { } known) return known;
        await asking.WaitAsync(cancel);
        try
        {
            return own ??= PublicKey.FromPem(await signer.PublicKeyAsync(cancel), "the signing key");
        }
        finally
        {
            asking.Release();
        }
    }

    public void Dispose()
    {
        own?.Dispose();
        asking.Dispose();
        if (configured.IsValueCreated) foreach (var key in configured.Value) key.Dispose();
    }

    private static PublicKey Read(string path)
    {
        try
        {
            return PublicKey.FromPem(File.ReadAllText(path), $"'{path}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EnvironmentException($"the trusted key '{path}' of signing: in serverless.yaml cannot be used: {e.Message}", e);
        }
    }
}
