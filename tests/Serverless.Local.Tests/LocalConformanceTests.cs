using Microsoft.Extensions.Time.Testing;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Testing.Conformance;

namespace Serverless.Local.Tests;

public sealed class LocalObjectStoreConformanceTests : ObjectStoreConformance, IDisposable
{
    private readonly LocalStore store = new();

    protected override IObjectStore Store => store.Objects;

    public void Dispose() => store.Dispose();
}

public sealed class LocalRecordStoreConformanceTests : RecordStoreConformance, IDisposable
{
    private readonly LocalStore store = new();

    protected override IRecordStore Store => store.Records;

    public void Dispose() => store.Dispose();
}

public sealed class LocalWorkQueueConformanceTests : WorkQueueConformance, IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly LocalStore store;

    public LocalWorkQueueConformanceTests() => store = new LocalStore(time);

    protected override IWorkQueue Queue => store.Queue;

    protected override Task PassAsync(TimeSpan span)
    {
        time.Advance(span);
        return Task.CompletedTask;
    }

    public void Dispose() => store.Dispose();
}

public sealed class LocalLeaseConformanceTests : LeaseConformance, IDisposable
{
    private readonly LocalStore store = new();

    protected override IRecordStore Store => store.Records;

    public void Dispose() => store.Dispose();
}

public sealed class LocalAlertConformanceTests : AlertConformance, IDisposable
{
    private readonly LocalStore store = new();

    protected override IRecordStore Store => store.Records;

    public void Dispose() => store.Dispose();
}
