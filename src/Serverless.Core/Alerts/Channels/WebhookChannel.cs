using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text;
using Serverless.Secrets;

namespace Serverless.Alerts;

/// <summary>
/// Our own JSON to any address, with the headers of the Standard Webhooks specification (https://www.standardwebhooks.com): <c>webhook-id</c> is the same at every attempt,
/// and with <c>secret</c> the body is signed by HMAC-SHA256 over <c>id.timestamp.body</c>.
/// </summary>
internal sealed class WebhookChannel(HttpPost http, SecretReader secrets, TimeProvider time) : IAlertChannel
{
    public string Kind => "webhook";

    public IReadOnlyList<ChannelKey> Keys { get; } =
    [
        new("url", ChannelKeyKind.Url, "an http(s) address, or env:NAME that holds one", Required: true),
        new("authorization", ChannelKeyKind.Secret, "env:NAME that holds the value of the Authorization header"),
        new("secret", ChannelKeyKind.Secret, "env:NAME that holds the key of the signature"),
    ];

    public async Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message.Document(), ServerlessJson.Options);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var headers = new Dictionary<string, string> { ["webhook-id"] = message.Id, ["webhook-timestamp"] = timestamp, ["Idempotency-Key"] = message.Id };
        if (channel.Text("authorization") is { } authorization) headers["Authorization"] = await secrets.ResolveAsync(SecretText.Parse(authorization), cancel);
        if (channel.Text("secret") is { } secret) headers["webhook-signature"] = Sign(await secrets.ResolveAsync(SecretText.Parse(secret), cancel), message.Id, timestamp, body);
        await http.SendAsync(await secrets.ResolveAsync(SecretText.Parse(channel.Text("url")!), cancel), body, headers, cancel);
    }

    private static string Sign(string secret, string id, string timestamp, byte[] body)
    {
        // The specification's own form is base64 behind "whsec_"; another text is taken as its bytes.
        byte[] key = secret.StartsWith("whsec_", StringComparison.Ordinal) && TryBase64(secret[6..]) is { } bytes ? bytes : Encoding.UTF8.GetBytes(secret);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }

    private static byte[]? TryBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }
}
