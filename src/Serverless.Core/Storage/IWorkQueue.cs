namespace Serverless.Storage;

/// <summary>
/// At-least-once messages that carry only ids. A received message is invisible for a while; unless completed in time it comes back. After
/// <see cref="MaxDeliveries"/> deliveries it moves to <c>&lt;queue&gt;-poison</c> instead of being delivered again, as the Functions host does.
/// </summary>
public interface IWorkQueue
{
    const int MaxDeliveries = 5;

    Task EnqueueAsync(string queue, string body, TimeSpan? delay = null, CancellationToken cancel = default);

    /// <summary>Up to <paramref name="max"/> messages, each invisible to others for <paramref name="visibility"/>. Empty when there are none; does not wait.</summary>
    Task<IReadOnlyList<WorkMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default);

    /// <summary>Keeps a received message invisible for longer (from now). Returns the message to use from here on, or null when somebody else has it by now.</summary>
    Task<WorkMessage?> RenewAsync(WorkMessage message, TimeSpan visibility, CancellationToken cancel = default);

    /// <summary>Removes a received message. False when it came back meanwhile and somebody else has it.</summary>
    Task<bool> CompleteAsync(WorkMessage message, CancellationToken cancel = default);

    /// <summary>Approximate number of messages, visible or not.</summary>
    Task<int> CountAsync(string queue, CancellationToken cancel = default);
}

/// <param name="Deliveries">How often it has been delivered, this time included.</param>
/// <param name="Receipt">Proof of this delivery; changes with each delivery and renewal.</param>
public sealed record WorkMessage(string Queue, string Id, string Body, int Deliveries, string Receipt);
