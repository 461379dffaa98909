using System.Security.Cryptography;

namespace Serverless.Storage;

/// <summary>Where new identities come from. Tests give a seeded one, so that runs repeat.</summary>
public abstract class IdSource
{
    /// <summary>Random identities from the operating system.</summary>
    public static IdSource System { get; } = new SystemIds();

    /// <summary>Lower-case letters and digits (Crockford base 32), 5 bits each.</summary>
    public string Next(int length)
    {
        const string alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
        Span<byte> bytes = stackalloc byte[length];
        Fill(bytes);
        return string.Create(length, bytes.ToArray(), static (chars, b) =>
        {
            for (var i = 0; i < chars.Length; i++) chars[i] = alphabet[b[i] & 31];
        });
    }

    protected abstract void Fill(Span<byte> bytes);

    private sealed class SystemIds : IdSource
    {
        protected override void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}
