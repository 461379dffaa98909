using Serverless.Problems;

namespace Serverless.Storage;

/// <summary>Limits of the work queue, so that every store takes the same messages.</summary>
public static class QueueRule
{
    /// <summary>Bytes of a body in UTF-8: 64 KiB once it is base64.</summary>
    public const int MaxBodyBytes = 48 * 1024;

    /// <summary>Azure hands out at most so many at once.</summary>
    public const int MaxReceive = 32;

    /// <summary>Queue Storage counts in whole seconds, up to seven days.</summary>
    public static TimeSpan MaxTime { get; } = TimeSpan.FromDays(7);

    public static string PoisonOf(string queue) => queue + "-poison";

    public static bool IsPoison(string queue) => queue.EndsWith("-poison", StringComparison.Ordinal);

    public static void CheckQueue(string queue)
    {
        if (!StoreNames.Queues.All.Contains(queue))
            throw new RequestException($"'{ObjectKey.Shown(queue)}' is not a queue.{Suggest.Hint(queue, StoreNames.Queues.All)}");
    }

    public static void CheckMessage(string queue, string body, TimeSpan? delay)
    {
        CheckQueue(queue);
        var bytes = System.Text.Encoding.UTF8.GetByteCount(body);
        if (bytes > MaxBodyBytes)
            throw new RequestException($"a message for queue '{queue}' has {bytes} bytes; at most {MaxBodyBytes} are allowed. Messages carry ids, not data.");
        if (delay < TimeSpan.Zero || delay > MaxTime) throw new RequestException($"a message cannot be delayed by {delay}: 0 to 7 days are allowed.");
    }

    public static void CheckReceive(string queue, int max, TimeSpan visibility)
    {
        CheckQueue(queue);
        if (max is < 1 or > MaxReceive) throw new RequestException($"{max} messages cannot be received at once: 1 to {MaxReceive} are allowed.");
        CheckVisibility(visibility);
    }

    public static void CheckVisibility(TimeSpan visibility)
    {
        if (visibility < TimeSpan.FromSeconds(1) || visibility > MaxTime)
            throw new RequestException($"a message cannot be kept invisible for {visibility}: 1 second to 7 days are allowed.");
    }
}
