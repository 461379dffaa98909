using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Serverless.Partitions;

namespace Serverless.Functions;

/// <summary>A blob in landing starts the run that it is for: ingest, feedback or score. It is named, never read here: the run streams it.</summary>
public sealed class DropArrived(IDropInbox inbox)
{
    [Function(nameof(DropArrived))]
    public Task RunAsync(
        [BlobTrigger("landing/{dataset}/{file}", Source = BlobTriggerSource.EventGrid, Connection = "Storage")] BlobClient blob,
        string dataset, CancellationToken cancel) =>
        inbox.AcceptAsync(dataset, $"{blob.BlobContainerName}/{blob.Name}", "landing", cancel: cancel);
}
