using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Serverless.Partitions;
using Serverless.Scoring;

namespace Serverless.Functions;

/// <summary>A blob in landing starts its ingest run, or that of feedback; one below <c>_score/</c> its score run. The blob is named, never read here: the run streams it.</summary>
public sealed class DropArrived(IDropInbox inbox, IBatches batches)
{
    [Function(nameof(DropArrived))]
    public Task RunAsync(
        [BlobTrigger("landing/{dataset}/{file}", Source = BlobTriggerSource.EventGrid, Connection = "Storage")] BlobClient blob,
        string dataset, CancellationToken cancel) =>
        dataset == ScoreInbox.Folder ? batches.AcceptAsync($"{blob.BlobContainerName}/{blob.Name}", cancel)
            : inbox.AcceptAsync(dataset, $"{blob.BlobContainerName}/{blob.Name}", "landing", cancel: cancel);
}
