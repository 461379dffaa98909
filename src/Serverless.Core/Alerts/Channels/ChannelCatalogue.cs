using System.Collections.Frozen;
using Serverless.Secrets;
using Serverless.Workspaces;

namespace Serverless.Alerts;

/// <summary>Kinds of channels by name.</summary>
internal sealed class ChannelCatalogue(IEnumerable<IAlertChannel> channels)
{
    public const string Timeout = "timeout";

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);

    private readonly FrozenDictionary<string, IAlertChannel> byKind = channels.ToFrozenDictionary(c => c.Kind, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Kinds => byKind.Keys;

    public IAlertChannel? Find(string kind) => byKind.GetValueOrDefault(kind);

    /// <summary>Sends within the channel's time-out (real time: the network does not know any other). Throws <see cref="DeliveryException"/> for whatever goes wrong.</summary>
    public async Task SendAsync(ChannelDefinition definition, AlertMessage message, CancellationToken cancel)
    {
        var channel = Find(definition.Kind) ?? throw new DeliveryException($"this program has no channel of kind '{definition.Kind}'");
        var timeout = definition.Text(Timeout) is { } text && Durations.TryParse(text, out var span) ? span : Usual;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(timeout);
        try
        {
            // A channel that ignores its cancellation is left behind.
            await channel.SendAsync(definition, message, bound.Token).WaitAsync(bound.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new DeliveryException($"no answer within {timeout.TotalSeconds:0} s");
        }
        catch (SecretException e)
        {
            throw new DeliveryException(e.Message, e);
        }
        catch (Exception e) when (e is not (DeliveryException or OperationCanceledException))
        {
            throw new DeliveryException($"{e.GetType().Name}: {Line.One(e.Message)}", e);
        }
    }
}
