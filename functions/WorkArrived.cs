using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Serverless.Runs;

namespace Serverless.Functions;

/// <summary>A message on the work queue moves the run that it names one step. The host keeps it invisible meanwhile, and gives it up after the fifth delivery.</summary>
public sealed class WorkArrived(IRunEngine runs)
{
    [Function(nameof(WorkArrived))]
    public Task RunAsync([QueueTrigger("work", Connection = "Storage")] QueueMessage message, CancellationToken cancel) =>
        runs.HandleAsync(message.Body.ToString(), (int)message.DequeueCount, cancel);
}
