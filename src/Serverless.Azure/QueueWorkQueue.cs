using System.Text;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Serverless.Storage;

namespace Serverless.Azure;

/// <summary>Work queues on Queue Storage. Bodies are base64, as the Functions host reads and writes them by default.</summary>
internal sealed class QueueWorkQueue(AzureStore store) : IWorkQueue
{
    // Queue Storage would forget messages after seven days.
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    public Task EnqueueAsync(string queue, string body, TimeSpan? delay = null, CancellationToken cancel = default)
    {
        QueueRule.CheckMessage(queue, body, delay);
        return RunAsync(queue, "send a message", client => client.SendMessageAsync(Encode(body), WholeSeconds(delay ?? TimeSpan.Zero), Forever, cancel));
    }

    public Task<IReadOnlyList<WorkMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        QueueRule.CheckReceive(queue, max, visibility);
        return RunAsync<IReadOnlyList<WorkMessage>>(queue, "receive messages", async client =>
        {
            while (true)
            {
                var received = (await client.ReceiveMessagesAsync(max, WholeSeconds(visibility), cancel)).Value;
                var alive = new List<WorkMessage>();
                foreach (var message in received)
                {
                    if (message.DequeueCount <= IWorkQueue.MaxDeliveries || QueueRule.IsPoison(queue)) alive.Add(Read(queue, message));
                    else await PoisonAsync(queue, client, message, cancel);
                }

                if (alive.Count > 0 || received.Length == 0) return alive;
            }
        });
    }

    public Task<WorkMessage?> RenewAsync(WorkMessage message, TimeSpan visibility, CancellationToken cancel = default)
    {
        QueueRule.CheckVisibility(visibility);
        return RunAsync(message.Queue, "renew a message", async client =>
        {
            try
            {
                var answer = await client.UpdateMessageAsync(message.Id, message.Receipt, Encode(message.Body), WholeSeconds(visibility), cancel);
                return message with { Receipt = answer.Value.PopReceipt };
            }
            catch (RequestFailedException e) when (IsLost(e))
            {
                return null;
            }
        });
    }

    public Task<bool> CompleteAsync(WorkMessage message, CancellationToken cancel = default) => RunAsync(message.Queue, "complete a message", async client =>
    {
        try
        {
            await client.DeleteMessageAsync(message.Id, message.Receipt, cancel);
            return true;
        }
        catch (RequestFailedException e) when (IsLost(e))
        {
            return false;
        }
    });

    public Task<int> CountAsync(string queue, CancellationToken cancel = default)
    {
        QueueRule.CheckQueue(queue);
        return RunAsync(queue, "count messages", async client => (await client.GetPropertiesAsync(cancel)).Value.ApproximateMessagesCount);
    }

    // Sent first, deleted then: if this process ends in between, the message is in the poison queue twice rather than nowhere.
    private async Task PoisonAsync(string queue, QueueClient client, QueueMessage message, CancellationToken cancel)
    {
        await store.Queues.GetQueueClient(QueueRule.PoisonOf(queue)).SendMessageAsync(message.Body.ToString(), TimeSpan.Zero, Forever, cancel);
        try
        {
            await client.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancel);
        }
        catch (RequestFailedException e) when (IsLost(e))
        {
            // Somebody else moved it meanwhile.
        }
    }

    private static WorkMessage Read(string queue, QueueMessage message) =>
        new(queue, message.MessageId, Decode(message.Body.ToString()), (int)message.DequeueCount, message.PopReceipt);

    private static bool IsLost(RequestFailedException e) => e.ErrorCode is "MessageNotFound" or "PopReceiptMismatch";

    private static string Encode(string body) => Convert.ToBase64String(Encoding.UTF8.GetBytes(body));

    // Somebody may put a message by hand, as plain text.
    private static string Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : text;
    }

    private static TimeSpan WholeSeconds(TimeSpan time) => TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds));

    private async Task<T> RunAsync<T>(string queue, string activity, Func<QueueClient, Task<T>> work)
    {
        await store.ReadyAsync();
        return await AzureErrors.GuardAsync($"{activity} (queue '{queue}')", () => work(store.Queues.GetQueueClient(queue)));
    }
}
