using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Serverless.Registry.Signing;

/// <summary>A file of a signed model.</summary>
/// <param name="Name">Path below the model's folder, with forward slashes.</param>
/// <param name="Sha256">Of its bytes, lower-case hex.</param>
internal sealed record SignedFile(string Name, string Sha256);

/// <summary>
/// What is signed: an in-toto Statement v1 with the predicate of OpenSSF Model Signing v1.0. The subject's digest is the SHA-256 over the raw digests of the resources, in
/// their order (by code point of their names).
/// </summary>
internal sealed record SigningStatement(string Subject, IReadOnlyList<SignedFile> Files)
{
    public const string PayloadType = "application/vnd.in-toto+json";

    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string PredicateType = "https://model_signing/signature/v1.0";
    private const string Sha256 = "sha256";

    /// <param name="ignored">Files of the same folder that are not signed: other verifiers would take them for strangers.</param>
    public byte[] Write(IReadOnlyList<string> ignored)
    {
        var files = Ordered();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("_type", StatementType);
            json.WriteStartArray("subject");
            json.WriteStartObject();
            json.WriteString("name", Subject);
            json.WriteStartObject("digest");
            json.WriteString(Sha256, Digest(files));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            json.WriteStartObject("serialization");
            json.WriteString("method", "files");
            json.WriteString("hash_type", Sha256);
            json.WriteBoolean("allow_symlinks", false);
            json.WriteStartArray("ignore_paths");
            foreach (var path in ignored) json.WriteStringValue(path);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("resources");
            foreach (var file in files)
            {
                json.WriteStartObject();
                json.WriteString("name", file.Name);
                json.WriteString("algorithm", Sha256);
                json.WriteString("digest", file.Sha256);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <exception cref="InvalidDataException">Not a statement of this kind, or its parts contradict each other.</exception>
    public static SigningStatement Read(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        var root = document.RootElement;
        Expect(root.GetProperty("_type").GetString(), StatementType, "statement");
        Expect(root.GetProperty("predicateType").GetString(), PredicateType, "predicate");
        var predicate = root.GetProperty("predicate");
        var serialization = predicate.GetProperty("serialization");
        Expect(serialization.GetProperty("method").GetString(), "files", "serialization");
        Expect(serialization.GetProperty("hash_type").GetString(), Sha256, "hash");
        var subjects = root.GetProperty("subject");
        if (subjects.GetArrayLength() != 1) throw new InvalidDataException($"it has {subjects.GetArrayLength()} subjects; expected one");
        var files = new List<SignedFile>();
        foreach (var resource in predicate.GetProperty("resources").EnumerateArray())
        {
            Expect(resource.GetProperty("algorithm").GetString(), Sha256, "digest");
            files.Add(new SignedFile(resource.GetProperty("name").GetString() ?? "", resource.GetProperty("digest").GetString() ?? ""));
        }

        if (files.Select(f => f.Name).Distinct(StringComparer.Ordinal).Count() != files.Count) throw new InvalidDataException("it names a file twice");
        var subject = subjects[0];
        var expected = subject.GetProperty("digest").GetProperty(Sha256).GetString();
        // In the order in which they stand, as the reference implementation has it.
        if (Digest(files) != expected) throw new InvalidDataException("the digest of its subject is not that of its resources");
        return new SigningStatement(subject.GetProperty("name").GetString() ?? "", files);
    }

    /// <summary>DSSE's pre-authentication encoding: what the signature is of.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> payload, string payloadType = PayloadType)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} "));
        var encoded = new byte[head.Length + payload.Length];
        head.CopyTo(encoded, 0);
        payload.CopyTo(encoded.AsSpan(head.Length));
        return encoded;
    }

    // The order of UTF-8 bytes is the order of code points; that of UTF-16 is not.
    private SignedFile[] Ordered() =>
        [.. Files.OrderBy(f => Encoding.UTF8.GetBytes(f.Name), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))];

    private static string Digest(IReadOnlyList<SignedFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files) hash.AppendData(Convert.FromHexString(file.Sha256));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Expect(string? found, string expected, string what)
    {
        if (found != expected) throw new InvalidDataException($"its {what} is '{found}'; expected '{expected}'");
    }
}
