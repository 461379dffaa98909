using Serverless.Storage;

namespace Serverless.CrashHost;

/// <summary>Receives and completes messages until there are none, and says which.</summary>
public static class Taking
{
    internal static async Task RunAsync(IWorkQueue queue)
    {
        while (await queue.ReceiveAsync(StoreNames.Queues.Work, 2, TimeSpan.FromMinutes(5)) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                if (await queue.CompleteAsync(message)) Console.WriteLine(message.Body);
            }
        }
    }
}
