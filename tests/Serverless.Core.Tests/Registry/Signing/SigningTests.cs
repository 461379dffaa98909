using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Registry.Signing;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Registry.Signing;

public sealed class SigningTests : IDisposable
{
    private const string Folder = "models/late/1/";
    private readonly RegistryFixture fixture = new();

    private ModelRegistry Registry => fixture.Registry;

    private IObjectStore Objects => fixture.Store.Objects;

    public void Dispose() => fixture.Dispose();

    // OpenSSF Model Signing v1.0 (model-transparency, docs/model_signing_format.md), read back here with nothing of the product's own.
    [Fact]
    public async Task RegisterAsync_Signature_IsWhatTheSpecificationSays()
    {
        await fixture.AddAsync("train-1");
        using var bundle = JsonDocument.Parse(await BytesAsync("signature.json"));
        var root = bundle.RootElement;
        root.GetProperty("mediaType").GetString().ShouldBe("application/vnd.dev.sigstore.bundle.v0.3+json");
        root.GetProperty("verificationMaterial").GetProperty("tlogEntries").GetArrayLength().ShouldBe(0);
        var pem = await File.ReadAllTextAsync(Path.ChangeExtension(fixture.KeyPath, ".pub.pem"));
        root.GetProperty("verificationMaterial").GetProperty("publicKey").GetProperty("hint").GetString().ShouldBe(Hex(Encoding.ASCII.GetBytes(pem)));
        pem.ShouldEndWith("-----END PUBLIC KEY-----\n");
        var envelope = root.GetProperty("dsseEnvelope");
        envelope.GetProperty("payloadType").GetString().ShouldBe("application/vnd.in-toto+json");
        var payload = envelope.GetProperty("payload").GetBytesFromBase64();
        var pae = Encoding.ASCII.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} ").Concat(payload).ToArray();
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        key.KeySize.ShouldBe(256);
        key.VerifyData(pae, envelope.GetProperty("signatures")[0].GetProperty("sig").GetBytesFromBase64(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence).ShouldBeTrue();

        using var statement = JsonDocument.Parse(payload);
        statement.RootElement.GetProperty("_type").GetString().ShouldBe("https://in-toto.io/Statement/v1");
        statement.RootElement.GetProperty("predicateType").GetString().ShouldBe("https://model_signing/signature/v1.0");
        var predicate = statement.RootElement.GetProperty("predicate");
        var serialization = predicate.GetProperty("serialization");
        serialization.GetProperty("method").GetString().ShouldBe("files");
        serialization.GetProperty("hash_type").GetString().ShouldBe("sha256");
        serialization.GetProperty("allow_symlinks").GetBoolean().ShouldBeFalse();
        var resources = predicate.GetProperty("resources").EnumerateArray().ToArray();
        resources.Select(r => r.GetProperty("name").GetString()).ShouldBe(["manifest.json", "model.zip"]);
        foreach (var resource in resources)
        {
            resource.GetProperty("algorithm").GetString().ShouldBe("sha256");
            resource.GetProperty("digest").GetString().ShouldBe(Hex(await BytesAsync(resource.GetProperty("name").GetString()!)));
        }

        // The subject's digest: SHA-256 over the raw digests, in their order.
        statement.RootElement.GetProperty("subject")[0].GetProperty("digest").GetProperty("sha256").GetString()
            .ShouldBe(Hex([.. resources.SelectMany(r => Convert.FromHexString(r.GetProperty("digest").GetString()!))]));
    }

    // Computed with Python's hashlib: sha256(bytes.fromhex("11"*32) + bytes.fromhex("22"*32)).
    [Fact]
    public void Statement_TwoFiles_AreOrderedByCodePointAndDigested()
    {
        var statement = new SigningStatement("m", [new SignedFile("\U0001F600", new string('2', 64)), new SignedFile("\uFFFD", new string('1', 64))]);
        using var written = JsonDocument.Parse(statement.Write([]));
        // U+FFFD is before U+1F600, though its UTF-16 is after.
        written.RootElement.GetProperty("predicate").GetProperty("resources")[0].GetProperty("name").GetString().ShouldBe("\uFFFD");
        written.RootElement.GetProperty("subject")[0].GetProperty("digest").GetProperty("sha256").GetString().ShouldBe("5189c77d29fe5d546a045ec46986852785fea5c13ac7da9c115ff5fb6edf817c");
    }

    [Fact]
    public void Encode_DsseExample_IsTheProtocolsOwn() =>
        // secure-systems-lab/dsse, protocol.md: payload "hello world", type "http://example.com/HelloWorld".
        Encoding.UTF8.GetString(SigningStatement.Encode("hello world"u8, "http://example.com/HelloWorld")).ShouldBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");

    [Theory, InlineData("model.zip"), InlineData("manifest.json"), InlineData("signature.json")]
    public async Task LoadAsync_AnyByteChanged_IsRefused(string file)
    {
        await fixture.AddAsync("train-1");
        var content = await BytesAsync(file);
        for (var at = 0; at < content.Length; at += Math.Max(1, content.Length / 25))
        {
            var changed = content.ToArray();
            changed[at] ^= 1;
            await PutAsync(file, changed);
            // Within signature.json a bit may stand where base64 or JSON do not care; then the files are still as signed.
            if (file == "signature.json" && SameMeaning(content, changed)) continue;
            await Should.ThrowAsync<TamperedException>(() => Registry.LoadAsync("late", 1), $"byte {at} of {file}");
            await Should.ThrowAsync<TamperedException>(() => Registry.PromoteAsync("late", 1, "mallory", ""));
        }

        await PutAsync(file, content);
        (await Registry.LoadAsync("late", 1)).Version.ShouldBe(1);
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBeNull();
    }

    [Fact]
    public async Task LoadAsync_FileAppendedTo_IsRefusedWithoutReadingAllOfIt()
    {
        await fixture.AddAsync("train-1");
        await PutAsync("model.zip", [.. await BytesAsync("model.zip"), 0]);
        (await Should.ThrowAsync<TamperedException>(() => Registry.LoadAsync("late", 1))).Message.ShouldContain("is longer than the");
    }

    [Fact]
    public async Task LoadAsync_ManifestGone_IsRefused()
    {
        await fixture.AddAsync("train-1");
        await Objects.DeleteAsync(Folder + "manifest.json");
        (await Should.ThrowAsync<TamperedException>(() => Registry.LoadAsync("late", 1))).Message.ShouldBe("version 1 of model 'late' is damaged: it was signed with 'manifest.json', which is gone");
    }

    [Fact]
    public async Task LoadAsync_NoSignature_IsRefusedAndSaysHowToSign()
    {
        await fixture.AddAsync("train-1");
        await Objects.DeleteAsync(Folder + "signature.json");
        (await Should.ThrowAsync<TamperedException>(() => Registry.LoadAsync("late", 1))).Message.ShouldBe(
            "version 1 of model 'late' has no signature ('models/late/1/signature.json'), so nobody answers for it. Where you know it to be yours, for instance because it was registered before signing: serverless-ml models sign late 1 --comment \"...\"");
        var warning = fixture.Open(new SigningSettings { Policy = SigningPolicy.Warn });
        (await warning.LoadAsync("late", 1)).Version.ShouldBe(1);
        (await warning.VerifyAsync("late", 1)).ShouldBeNull();
    }

    [Fact]
    public async Task LoadAsync_ReSignedWithAnotherKey_IsRefusedUnderEitherPolicy()
    {
        await fixture.AddAsync("train-1");
        using var other = new TempFolder();
        var forged = new KeyFile(other["k.pem"], IdSource.System);
        // What a thief with access to the store can do: another model, and a signature of his own over it.
        await Objects.DeleteAsync(Folder + "signature.json");
        await fixture.Files(signer: forged).SignAsync("late", 1, default);
        foreach (var policy in Enum.GetValues<SigningPolicy>())
        {
            (await Should.ThrowAsync<TamperedException>(() => fixture.Open(new SigningSettings { Policy = policy }).LoadAsync("late", 1))).Message.ShouldContain("it was signed with a key that is not trusted here");
        }

        var trusting = new SigningSettings { Trust = [forged.PublicPath] };
        (await fixture.Open(trusting).LoadAsync("late", 1)).Version.ShouldBe(1);
    }

    [Fact]
    public async Task LoadAsync_HintOfATrustedKeyOnAForeignSignature_IsRefused()
    {
        await fixture.AddAsync("train-1");
        using var other = new TempFolder();
        var bundle = SignatureBundle.Read(await BytesAsync("signature.json"));
        var forged = await new KeyFile(other["k.pem"], IdSource.System).SignAsync(SigningStatement.Encode(bundle.Payload));
        await PutAsync("signature.json", (bundle with { Signature = forged }).Write());
        (await Should.ThrowAsync<TamperedException>(() => Registry.LoadAsync("late", 1))).Message.ShouldEndWith("its signature does not fit what it says");
        await PutAsync("signature.json", (bundle with { Signature = forged, Hint = null }).Write());
        await Should.ThrowAsync<TamperedException>(() => Registry.LoadAsync("late", 1));
        await PutAsync("signature.json", (bundle with { Hint = null }).Write());
        (await Registry.LoadAsync("late", 1)).Version.ShouldBe(1);
    }

    [Fact]
    public async Task LoadAsync_FilesOfAnotherVersion_AreRefused()
    {
        // Rolling back by copying: all files and even the record of an older, weaker version.
        await fixture.AddAsync("train-1", value: 0.1);
        await fixture.AddAsync("train-2", value: 0.9);
        foreach (var file in new[] { "model.zip", "manifest.json", "signature.json" }) await Objects.PutAsync("models/late/2/" + file, new MemoryStream(await BytesAsync(file)));
        var first = (await fixture.Store.Records.GetAsync("versions", "late", "0000000001"))!.Json;
        var second = (await fixture.Store.Records.GetAsync("versions", "late", "0000000002"))!.Json;
        string Sha(string json) => JsonDocument.Parse(json).RootElement.GetProperty("version").GetProperty("sha256").GetString()!;
        string Size(string json) => JsonDocument.Parse(json).RootElement.GetProperty("version").GetProperty("bytes").GetRawText();
        await fixture.Store.Records.UpsertAsync("versions", "late", "0000000002", second.Replace(Sha(second), Sha(first)).Replace($"\"bytes\":{Size(second)}", $"\"bytes\":{Size(first)}"));
        (await Should.ThrowAsync<TamperedException>(() => Registry.LoadAsync("late", 2))).Message.ShouldBe("version 2 of model 'late' is not to be trusted: its manifest is that of version 1 of model 'late'");
    }

    [Fact]
    public async Task RollBackAsync_ToATamperedVersion_IsRefusedAndTheChampionStays()
    {
        await fixture.AddAsync("train-1");
        await fixture.AddAsync("train-2");
        await Registry.PromoteAsync("late", 1, "alice", "");
        await Registry.PromoteAsync("late", 2, "alice", "");
        await PutAsync("manifest.json", "{}"u8.ToArray());
        await Should.ThrowAsync<TamperedException>(() => Registry.RollBackAsync("late", "alice", ""));
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(2);
    }

    [Fact]
    public async Task ApproveAsync_Tampered_IsRefusedAndStillWaits()
    {
        await fixture.AddAsync("train-1", needsApproval: true);
        await PutAsync("manifest.json", "{}"u8.ToArray());
        await Should.ThrowAsync<TamperedException>(() => Registry.ApproveAsync("late", 1, "alice", "fine"));
        (await Registry.FindAsync("late", 1))!.Status.ShouldBe(VersionStatus.AwaitingApproval);
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBeNull();
    }

    [Fact]
    public async Task KeyFile_ManyAtOnce_MakeOneKeyThatOnlyItsOwnerReads()
    {
        using var folder = new TempFolder();
        var path = folder["store/keys/k.pem"];
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => new KeyFile(path, IdSource.System).PublicKeyAsync())));
        keys.Distinct().Count().ShouldBe(1);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await File.ReadAllTextAsync(folder["store/keys/k.pub.pem"])).ShouldBe(keys[0]);
        Directory.GetFiles(folder["store/keys"]).Length.ShouldBe(2);
    }

    [Fact]
    public async Task KeyFile_NotAKey_SaysWhatIsExpectedAndShowsNothingOfIt()
    {
        using var folder = new TempFolder();
        var signer = new KeyFile(folder.Write("k.pem", "secret words"), IdSource.System);
        var message = (await Should.ThrowAsync<EnvironmentException>(() => signer.PublicKeyAsync())).Message;
        message.ShouldContain("does not hold a private key on P-256 in PEM");
        message.ShouldNotContain("secret words");
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var other = new KeyFile(folder.Write("p384.pem", large.ExportPkcs8PrivateKeyPem()), IdSource.System);
        (await Should.ThrowAsync<EnvironmentException>(() => other.PublicKeyAsync())).Message.ShouldContain("its curve has 384 bits; expected P-256");
    }

    // The default of Python's cryptography and of OpenSSL's ecparam: SEC 1, "BEGIN EC PRIVATE KEY".
    [Fact]
    public async Task KeyFile_Sec1Pem_Signs()
    {
        using var folder = new TempFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signer = new KeyFile(folder.Write("k.pem", key.ExportECPrivateKeyPem()), IdSource.System);
        key.VerifyData(new byte[] { 1, 2, 3 }, await signer.SignAsync(new byte[] { 1, 2, 3 }), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence).ShouldBeTrue();
    }

    private static bool SameMeaning(byte[] one, byte[] other)
    {
        try
        {
            var (a, b) = (SignatureBundle.Read(one), SignatureBundle.Read(other));
            return a.Hint == b.Hint && a.Payload.SequenceEqual(b.Payload) && a.Signature.SequenceEqual(b.Signature);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private Task PutAsync(string file, byte[] content) => Objects.PutAsync(Folder + file, new MemoryStream(content));

    private async Task<byte[]> BytesAsync(string file)
    {
        await using var stream = (await Objects.OpenReadAsync(Folder + file))!;
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer);
        return buffer.ToArray();
    }
}
