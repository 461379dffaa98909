using System.Security.Cryptography;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Registry.Signing;

/// <summary>
/// The key in a PEM file of this machine. Where there is none it is made, readable by its owner only, with its public half beside it (<c>.pub.pem</c>) for other verifiers.
/// Whoever can read the file can sign: it protects against changes in the store, not against its owner.
/// </summary>
internal sealed class KeyFile(string path, IdSource ids) : IModelSigner
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string PublicPath { get; } = Path.ChangeExtension(path, ".pub.pem");

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

    private ECDsa Open()
    {
        try
        {
            if (!File.Exists(path)) Make();
            return PemKey.Read(File.ReadAllText(path), $"'{path}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"the signing key '{path}' can neither be read nor made: {e.Message} Name a place that this program may write, or a key of Key Vault, under signing: in serverless.yaml.", e);
        }
    }

    // Of several processes that make one, the first wins and the others use its key: a link has one winner, and nobody sees half a file.
    private void Make()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var temporary = $"{path}.{ids.Next(12)}";
        Write(temporary, key.ExportPkcs8PrivateKeyPem() + "\n", OwnerOnly);
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
            return;
        }

        Write(temporary, PublicKey.Pem(key), null);
        File.Move(temporary, PublicPath, overwrite: true);
    }

    private static void Write(string to, string text, UnixFileMode? mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (mode is not null && !OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
        using var stream = new FileStream(to, options);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }
}
