using Serverless.Datasets;

namespace Serverless.Alerts;

/// <summary>
/// A kind of channel: one class, one registration. It only carries a message; when, how often and to whom is decided before. (An Azure Monitor action group would be one more.)
/// </summary>
public interface IAlertChannel
{
    /// <summary>As <c>kind:</c> names it.</summary>
    string Kind { get; }

    /// <summary>The keys that it takes beside <c>kind</c> and <c>timeout</c>.</summary>
    IReadOnlyList<ChannelKey> Keys { get; }

    /// <summary>
    /// Delivers, or throws <see cref="DeliveryException"/> with a reason that a person can act on and that holds no secret. Respects cancellation. A receiver may get the same
    /// <see cref="AlertMessage.Id"/> twice; where the protocol has a place for it, it is sent along.
    /// </summary>
    Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel);
}

/// <summary>A key of a channel in serverless.yaml.</summary>
/// <param name="Expected">For messages: "an address", "a port".</param>
public sealed record ChannelKey(string Name, ChannelKeyKind Kind, string Expected, bool Required = false)
{
    /// <summary>For <see cref="ChannelKeyKind.Choice"/>.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}

public enum ChannelKeyKind
{
    Text,

    /// <summary><c>env:NAME</c> and nothing else.</summary>
    Secret,

    /// <summary>An http(s) address, or <c>env:NAME</c> that holds one.</summary>
    Url,

    /// <summary><c>env:NAME</c> that holds an http(s) address: whoever knows it may post.</summary>
    SecretUrl,

    /// <summary>1 to 65535.</summary>
    Port,

    Duration,

    /// <summary>One e-mail address or a list of them.</summary>
    Addresses,

    Choice,
}

/// <summary>The channel did not take the message; it is tried again later.</summary>
public sealed class DeliveryException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the receiver asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Reads keys of a channel that were validated.</summary>
internal static class ChannelParameters
{
    public static string? Text(this ChannelDefinition channel, string key) => channel.Parameters.TryGetValue(key, out var value) ? value.Text : null;

    public static IReadOnlyList<string> List(this ChannelDefinition channel, string key) => channel.Parameters.TryGetValue(key, out Parameter? value) ? value.Items : [];
}
