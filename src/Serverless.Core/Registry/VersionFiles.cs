using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Registry.Signing;
using Serverless.Storage;

namespace Serverless.Registry;

/// <summary>The files of a version below <c>models/&lt;model&gt;/&lt;version&gt;/</c>: put once and signed, and judged before anything is made of them.</summary>
internal sealed class VersionFiles(IObjectStore objects, ModelSigning signing)
{
    public const string Model = "model.zip", Manifest = "manifest.json", Card = "card.md", Signature = "signature.json";

    // A model of two gibibytes is none that a function could load.
    private const long MostBytes = int.MaxValue;

    /// <summary>What the signature leaves out: itself, and what an erasure may have to rewrite. The manifest has the SHA-256 of the latter as they were registered.</summary>
    public static IReadOnlyList<string> Unsigned { get; } = [Signature, "reference.parquet", "reference.profile.json"];

    private static readonly string[] Known = [Model, Manifest, Card];

    public SigningPolicy Policy => signing.Policy;

    public static string Folder(string model, int version) => string.Create(CultureInfo.InvariantCulture, $"{StoreNames.Containers.Models}/{model}/{version}/");

    /// <summary>Signs what is there. A signature that is there already stays.</summary>
    public async Task SignAsync(string model, int version, CancellationToken cancel)
    {
        var files = new Dictionary<string, byte[]>();
        foreach (var name in Known) if (await ReadAsync(Folder(model, version) + name, MostBytes, cancel) is { } content) files[name] = content;
        await SignAsync(model, version, files, cancel);
    }

    public async Task SignAsync(string model, int version, IReadOnlyDictionary<string, byte[]> files, CancellationToken cancel)
    {
        var key = Folder(model, version) + Signature;
        if (await objects.HeadAsync(key, cancel) is not null) return;
        await objects.PutIfAbsentAsync(key, new MemoryStream(await signing.SignAsync(SubjectOf(model, version), files, cancel)), cancel);
    }

    /// <summary>Puts a file unless there is one, and gives what is there: a step that is repeated keeps what the first one wrote.</summary>
    public async Task<byte[]> PutFirstAsync(string model, int version, string name, byte[] content, CancellationToken cancel)
    {
        var key = Folder(model, version) + name;
        return await objects.PutIfAbsentAsync(key, new MemoryStream(content), cancel) is not null ? content
            : await ReadAsync(key, MostBytes, cancel) ?? throw new EnvironmentException($"'{key}' was removed while it was being registered");
    }

    /// <summary>Takes the signature away, so that another can be given.</summary>
    public Task<bool> UnsignAsync(string model, int version, CancellationToken cancel) => objects.DeleteAsync(Folder(model, version) + Signature, cancel);

    public async Task<bool> HasSignatureAsync(string model, int version, CancellationToken cancel) => await objects.HeadAsync(Folder(model, version) + Signature, cancel) is not null;

    /// <exception cref="TamperedException">model.zip or the manifest is not what was registered.</exception>
    public async Task RequireRegisteredAsync(ModelVersion version, CancellationToken cancel)
    {
        var (name, folder) = ($"version {version.Version} of model '{version.Model}'", Folder(version.Model, version.Version));
        var artefact = await ReadAsync(folder + Model, version.Bytes, cancel);
        if (artefact is null || ModelSigning.HashOf(artefact) != version.Sha256) throw new TamperedException($"{name} cannot be signed: '{folder}{Model}' is not the file that was registered");
        var manifest = await ReadAsync(folder + Manifest, MostBytes, cancel) ?? throw new TamperedException($"{name} cannot be signed: '{folder}{Manifest}' is gone");
        Match(manifest, version.Model, version.Version, version.Sha256, name);
    }

    /// <summary>The bytes of model.zip, after signature, manifest and every signed file were found as they were signed.</summary>
    /// <param name="sha256">Of model.zip as it was registered.</param>
    /// <exception cref="TamperedException">Something is not as it was signed, or not signed by a trusted key.</exception>
    /// <exception cref="DataException">model.zip is missing.</exception>
    public async Task<VerifiedFiles> VerifyAsync(string model, int version, string sha256, long bytes, CancellationToken cancel)
    {
        var (name, folder) = ($"version {version} of model '{model}'", Folder(model, version));
        // All at once: a store far away is waited for once.
        var signatureAsked = ReadAsync(folder + Signature, MostBytes, cancel);
        Task<byte[]?>[] asked = [ReadAsync(folder + Model, bytes, cancel), ReadAsync(folder + Manifest, MostBytes, cancel), ReadAsync(folder + Card, MostBytes, cancel)];
        var read = await Task.WhenAll(asked);
        var signature = await signatureAsked;
        if (read[0] is not { } artefact) throw new DataException($"{name} is missing: the store has no '{folder}{Model}'");
        var hash = ModelSigning.HashOf(artefact);
        if (hash != sha256) throw new TamperedException($"{name} is damaged: '{folder}{Model}' has SHA-256 {hash[..12]}..., registered was {sha256[..12]}...");
        if (signature is null)
        {
            return signing.Policy == SigningPolicy.Warn ? new VerifiedFiles(artefact, null)
                : throw new TamperedException($"{name} has no signature ('{folder}{Signature}'), so nobody answers for it. Where you know it to be yours, for instance because it was registered before signing: serverless-ml models sign {model} {version} --comment \"...\"");
        }

        var verdict = await signing.JudgeAsync(signature, cancel);
        if (verdict.Statement is not { } statement) throw new TamperedException($"{name} is not to be trusted: '{folder}{Signature}': {verdict.Why}");
        foreach (var needed in new[] { Model, Manifest }.Where(n => statement.Files.All(f => f.Name != n))) throw new TamperedException($"{name} is not to be trusted: '{folder}{Signature}' does not sign {needed}");
        foreach (var file in statement.Files)
        {
            var known = Array.IndexOf(Known, file.Name);
            var content = known >= 0 ? read[known] : await ReadAsync(folder + file.Name, MostBytes, cancel);
            if (content is null) throw new TamperedException($"{name} is damaged: it was signed with '{file.Name}', which is gone");
            if ((known == 0 ? hash : ModelSigning.HashOf(content)) != file.Sha256) throw new TamperedException($"{name} is damaged: '{folder}{file.Name}' is not the file that was signed");
        }

        Match(read[1]!, model, version, sha256, name);
        return new VerifiedFiles(artefact, verdict.Key);
    }

    // The signed files of another version, put here, would have a good signature.
    private static void Match(byte[] manifest, string model, int version, string sha256, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(manifest);
            var root = document.RootElement;
            if (root.GetProperty("model").GetString() == model && root.GetProperty("version").GetInt32() == version && root.GetProperty("sha256").GetString() == sha256) return;
            throw new TamperedException($"{name} is not to be trusted: its manifest is that of version {root.GetProperty("version").GetInt32()} of model '{root.GetProperty("model").GetString()}'");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TamperedException($"{name} is not to be trusted: its manifest cannot be read ({e.Message})");
        }
    }

    private static string SubjectOf(string model, int version) => string.Create(CultureInfo.InvariantCulture, $"{model}/{version}");

    private async Task<byte[]?> ReadAsync(string key, long most, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return null;
        using var buffer = new MemoryStream(most < MostBytes ? (int)most : 4096);
        await stream.CopyToAsync(new Limited(buffer, most, key), cancel);
        return buffer.Length == buffer.Capacity ? buffer.GetBuffer() : buffer.ToArray();
    }

    /// <summary>Stops at the size that was registered: what is longer is another file, however long.</summary>
    private sealed class Limited(MemoryStream to, long most, string key) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => to.Length;

        public override long Position { get => to.Position; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (to.Length + buffer.Length > most) throw new TamperedException($"'{key}' is longer than the {most} bytes that were registered");
            to.Write(buffer);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <param name="Artefact">model.zip.</param>
/// <param name="Key">Hint of the key that signed; null = nobody signed, and the workspace only warns.</param>
internal sealed record VerifiedFiles(byte[] Artefact, string? Key);
