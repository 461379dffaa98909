using Serverless.CrashHost;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Local.Tests;

public sealed class SeveralProcessesShareOneStore : IDisposable
{
    private const int Processes = 4;

    private readonly TempFolder folder = new();

    private string Store => folder[".serverless"];

    [Fact]
    public async Task Count_FourProcessesOnANewStore_NoIncrementIsLost()
    {
        await RunAsync("count", "25");
        using var store = new LocalStore(folder: Store);
        (await store.Objects.ReadTextAsync(Counting.Key)).ShouldBe($"{Processes * 25}");
        (await store.Records.GetAsync(StoreNames.Tables.Runs, "counter", "counter"))!.Json.ShouldBe($"{Processes * 25}");
    }

    [Fact]
    public async Task Take_FourProcesses_EachMessageGoesToOne()
    {
        using (var store = new LocalStore(folder: Store))
        {
            for (var i = 0; i < 200; i++) await store.Queue.EnqueueAsync(StoreNames.Queues.Work, $"{i}");
        }

        var taken = await RunAsync("take");
        taken.Select(int.Parse).Order().ShouldBe(Enumerable.Range(0, 200));
    }

    public void Dispose() => folder.Dispose();

    private async Task<IEnumerable<string>> RunAsync(string what, params string[] arguments)
    {
        var children = Enumerable.Range(0, Processes).Select(_ => new Child([what, Store, .. arguments])).ToArray();
        try
        {
            return (await Task.WhenAll(children.Select(c => c.EndAsync()))).SelectMany(l => l);
        }
        finally
        {
            foreach (var child in children) child.Dispose();
        }
    }
}
