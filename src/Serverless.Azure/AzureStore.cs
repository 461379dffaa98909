using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Azure;

/// <summary>The storage account: its three services, reached with bounded retries.</summary>
public sealed class AzureStore
{
    private readonly bool isEmulator;
    private readonly Lock gate = new();
    private Task? prepared;

    private AzureStore(BlobServiceClient blobs, QueueServiceClient queues, TableServiceClient tables)
    {
        (Blobs, Queues, Tables) = (blobs, queues, tables);
        isEmulator = blobs.Uri.IsLoopback;
    }

    internal BlobServiceClient Blobs { get; }

    internal QueueServiceClient Queues { get; }

    internal TableServiceClient Tables { get; }

    /// <summary>
    /// Opens the account of the settings; nothing is sent yet. Throws <see cref="EnvironmentException"/> when the settings name neither an account nor a variable,
    /// or the variable is unset or holds no connection string.
    /// </summary>
    public static AzureStore Create(StorageSettings settings) => Create(settings, _ => { });

    /// <param name="configure">Applied to the options of each client (tests put a faulty network in).</param>
    internal static AzureStore Create(StorageSettings settings, Action<ClientOptions> configure)
    {
        var blobs = Bounded(new BlobClientOptions(), configure);
        // The body is encoded by QueueWorkQueue itself, which can then read messages that are not base64 instead of failing on them.
        var queues = Bounded(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None }, configure);
        var tables = Bounded(new TableClientOptions(), configure);
        if (settings.Account is { } account)
        {
            var identity = new DefaultAzureCredential();
            return new AzureStore(
                new BlobServiceClient(new Uri($"https://{account}.blob.core.windows.net"), identity, blobs),
                new QueueServiceClient(new Uri($"https://{account}.queue.core.windows.net"), identity, queues),
                new TableServiceClient(new Uri($"https://{account}.table.core.windows.net"), identity, tables));
        }

        var variable = settings.ConnectionVariable ?? throw new EnvironmentException(
            "the Azure store has neither an account nor a connection variable. Set storage.account or storage.connection in serverless.yaml.");
        var connection = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrWhiteSpace(connection))
        {
            throw new EnvironmentException($"environment variable '{variable}', which should hold the storage account's connection string, is not set. "
                + "Set it, or name an account in serverless.yaml.");
        }

        try
        {
            return new AzureStore(new BlobServiceClient(connection, blobs), new QueueServiceClient(connection, queues), new TableServiceClient(connection, tables));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            // The value is a secret, so the message does not show it.
            throw new EnvironmentException($"environment variable '{variable}' does not hold a connection string of a storage account. "
                + "Copy it from the account's 'Access keys' page.", e);
        }
    }

    /// <summary>
    /// Makes every container, queue and table of <see cref="StoreNames"/> that is missing. Deployments make them by Bicep; this is for accounts made by hand.
    /// </summary>
    public Task EnsureCreatedAsync(CancellationToken cancel = default) => AzureErrors.GuardAsync("make the containers, queues and tables", async () =>
    {
        await Task.WhenAll(
        [
            .. StoreNames.Containers.All.Select(n => (Task)Blobs.GetBlobContainerClient(n).CreateIfNotExistsAsync(cancellationToken: cancel)),
            .. StoreNames.Queues.All.Select(n => (Task)Queues.GetQueueClient(n).CreateIfNotExistsAsync(cancellationToken: cancel)),
            .. StoreNames.Tables.All.Select(n => (Task)Tables.GetTableClient(n).CreateIfNotExistsAsync(cancel)),
        ]);
        return true;
    });

    /// <summary>On an emulator, makes what is missing, once; elsewhere that is the deployment's work.</summary>
    internal Task ReadyAsync()
    {
        if (!isEmulator) return Task.CompletedTask;
        lock (gate)
        {
            if (prepared is null || prepared.IsFaulted || prepared.IsCanceled) prepared = EnsureCreatedAsync();
            return prepared;
        }
    }

    // At most about half a minute of waiting in all: longer is the queue's business, which delivers again.
    private static T Bounded<T>(T options, Action<ClientOptions> configure) where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 5;
        options.Retry.Delay = TimeSpan.FromMilliseconds(500);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(10);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(100);
        options.Diagnostics.IsLoggingEnabled = false;
        configure(options);
        return options;
    }
}
