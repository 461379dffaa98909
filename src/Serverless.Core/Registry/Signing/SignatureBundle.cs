using System.Text.Json;

namespace Serverless.Registry.Signing;

/// <summary>
/// <c>signature.json</c>: a Sigstore bundle v0.3 with a DSSE envelope, as OpenSSF Model Signing v1.0 writes it for signatures by a key
/// (github.com/sigstore/model-transparency, docs/model_signing_format.md).
/// </summary>
/// <param name="Hint">Which key: SHA-256 of its PEM. Null where an older program wrote none.</param>
/// <param name="Signature">ASN.1 DER.</param>
internal sealed record SignatureBundle(string? Hint, byte[] Payload, byte[] Signature)
{
    private const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    public byte[] Write()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("mediaType", MediaType);
            json.WriteStartObject("verificationMaterial");
            json.WriteStartObject("publicKey");
            json.WriteString("hint", Hint);
            json.WriteEndObject();
            json.WriteStartArray("tlogEntries");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("dsseEnvelope");
            json.WriteBase64String("payload", Payload);
            json.WriteString("payloadType", SigningStatement.PayloadType);
            json.WriteStartArray("signatures");
            json.WriteStartObject();
            json.WriteBase64String("sig", Signature);
            json.WriteString("keyid", "");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <exception cref="InvalidDataException">Not such a bundle.</exception>
    public static SignatureBundle Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var root = document.RootElement;
            if (root.GetProperty("mediaType").GetString() != MediaType) throw new InvalidDataException($"its media type is '{root.GetProperty("mediaType").GetString()}'; expected '{MediaType}'");
            var material = root.GetProperty("verificationMaterial");
            if (!material.TryGetProperty("publicKey", out var key)) throw new InvalidDataException("it was not signed with a key");
            var envelope = root.GetProperty("dsseEnvelope");
            var type = envelope.GetProperty("payloadType").GetString();
            if (type != SigningStatement.PayloadType) throw new InvalidDataException($"its payload is '{type}'; expected '{SigningStatement.PayloadType}'");
            var signatures = envelope.GetProperty("signatures");
            if (signatures.GetArrayLength() != 1) throw new InvalidDataException($"it has {signatures.GetArrayLength()} signatures; expected one");
            return new SignatureBundle(key.TryGetProperty("hint", out var hint) ? hint.GetString() : null, envelope.GetProperty("payload").GetBytesFromBase64(), signatures[0].GetProperty("sig").GetBytesFromBase64());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
