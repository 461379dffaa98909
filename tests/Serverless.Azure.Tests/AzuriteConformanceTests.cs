using Serverless.Storage;
using Serverless.Testing.Conformance;

namespace Serverless.Azure.Tests;

public sealed class AzuriteObjectStoreConformanceTests : ObjectStoreConformance
{
    protected override IObjectStore Store => AzuriteStore.OrSkip().Objects;
}

public sealed class AzuriteRecordStoreConformanceTests : RecordStoreConformance
{
    protected override IRecordStore Store => AzuriteStore.OrSkip().Records;
}

public sealed class AzuriteLeaseConformanceTests : LeaseConformance
{
    protected override IRecordStore Store => AzuriteStore.OrSkip().Records;
}

[Collection("work queue")]
public sealed class AzuriteWorkQueueConformanceTests : WorkQueueConformance
{
    protected override IWorkQueue Queue => AzuriteStore.OrSkip().Queue;

    public override async Task InitializeAsync()
    {
        if (AzuriteStore.IsMissing) return;
        await AzuriteStore.OrSkip().Queue.CountAsync(StoreNames.Queues.Work);
        foreach (var queue in StoreNames.Queues.All) await AzuriteStore.OrSkip().Account.Queues.GetQueueClient(queue).ClearMessagesAsync();
    }

    protected override Task PassAsync(TimeSpan span) => Task.Delay(span);
}

public sealed class AzuriteAlertConformanceTests : AlertConformance
{
    protected override IRecordStore Store => AzuriteStore.OrSkip().Records;
}
