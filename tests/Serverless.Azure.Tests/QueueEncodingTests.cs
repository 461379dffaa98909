using System.Text;
using Azure.Storage.Queues;
using Serverless.Storage;

namespace Serverless.Azure.Tests;

[Collection("work queue")]
public sealed class QueueEncodingTests
{
    private static QueueClient Raw => AzuriteStore.OrSkip().Account.Queues.GetQueueClient(StoreNames.Queues.Work);

    // host.json of the Functions host: extensions.queues.messageEncoding is base64 unless set otherwise.
    [SkippableFact]
    public async Task Enqueue_Body_IsBase64OfUtf8()
    {
        await ClearAsync();
        await AzuriteStore.OrSkip().Queue.EnqueueAsync(StoreNames.Queues.Work, """{"run":"é"}""");
        var message = (await Raw.ReceiveMessageAsync()).Value;
        Encoding.UTF8.GetString(Convert.FromBase64String(message.Body.ToString())).ShouldBe("""{"run":"é"}""");
        message.ExpiresOn!.Value.Year.ShouldBe(9999);
    }

    [SkippableFact]
    public async Task Receive_PlainText_IsTakenAsItIs()
    {
        await ClearAsync();
        await Raw.SendMessageAsync("""{"run":"by hand"}""");
        var queue = AzuriteStore.OrSkip().Queue;
        var message = (await queue.ReceiveAsync(StoreNames.Queues.Work, 1, TimeSpan.FromMinutes(1))).ShouldHaveSingleItem();
        message.Body.ShouldBe("""{"run":"by hand"}""");
        (await queue.CompleteAsync(message)).ShouldBeTrue();
    }

    private static async Task ClearAsync()
    {
        await AzuriteStore.OrSkip().Queue.CountAsync(StoreNames.Queues.Work);
        await Raw.ClearMessagesAsync();
    }
}
