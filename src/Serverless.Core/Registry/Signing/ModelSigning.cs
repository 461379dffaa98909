using System.Security.Cryptography;
using System.Text.Json;

namespace Serverless.Registry.Signing;

/// <summary>Signs the files of a version, and judges them before anything is made of them.</summary>
internal sealed class ModelSigning(IModelSigner signer, TrustedKeys trusted, SigningSettings settings)
{
    public SigningPolicy Policy => settings.Policy;

    public async Task<byte[]> SignAsync(string subject, IReadOnlyDictionary<string, byte[]> files, CancellationToken cancel)
    {
        var statement = new SigningStatement(subject, [.. files.Select(f => new SignedFile(f.Key, HashOf(f.Value)))]);
        var payload = statement.Write(VersionFiles.Unsigned);
        var key = await trusted.OwnAsync(cancel);
        return new SignatureBundle(key.Hint, payload, await signer.SignAsync(SigningStatement.Encode(payload), cancel)).Write();
    }

    /// <summary>What a good signature is of, or why it is not good.</summary>
    public async ValueTask<SignatureVerdict> JudgeAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        try
        {
            var bundle = SignatureBundle.Read(content);
            if (await trusted.FindAsync(bundle.Hint, cancel) is not { } key) return SignatureVerdict.Bad($"it was signed with a key that is not trusted here ({bundle.Hint![..Math.Min(12, bundle.Hint!.Length)]}...)");
            if (!key.Verifies(SigningStatement.Encode(bundle.Payload), bundle.Signature)) return SignatureVerdict.Bad("its signature does not fit what it says");
            return new SignatureVerdict(SigningStatement.Read(bundle.Payload), key.Hint, null);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException)
        {
            return SignatureVerdict.Bad($"it cannot be read: {e.Message}");
        }
    }

    public static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}

/// <param name="Statement">Null when the signature is no good; <paramref name="Why"/> says why.</param>
/// <param name="Key">Hint of the key.</param>
internal sealed record SignatureVerdict(SigningStatement? Statement, string? Key, string? Why)
{
    public static SignatureVerdict Bad(string why) => new(null, null, why);
}
