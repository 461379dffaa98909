using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Azure.Tests;

public sealed class BlobObjectStoreTests
{
    private readonly string root = "data/blobs-" + IdSource.System.Next(10);

    private static IObjectStore Store => AzuriteStore.OrSkip().Objects;

    // With the SDK's own block names, which are the same for every writer, this gives a mixture of both.
    [SkippableFact]
    public async Task PutIfAbsent_TwoLargeAtOnce_OneWinsWhole()
    {
        for (var round = 0; round < 3; round++)
        {
            var key = $"{root}/{round}";
            var won = await Task.WhenAll(new byte[] { 1, 2 }.Select(b => Task.Run(async () =>
                (Byte: b, Info: await Store.PutIfAbsentAsync(key, new OneWayStream(Enumerable.Repeat(b, (2 * BlobUpload.Block) + 5).ToArray()))))));
            var winner = won.Where(w => w.Info is not null).ShouldHaveSingleItem();
            using var local = await Store.MaterialiseAsync(key);
            (await File.ReadAllBytesAsync(local.Path)).AsSpan().IndexOfAnyExcept(winner.Byte).ShouldBe(-1);
            local.Info.ShouldBe(winner.Info);
        }
    }

    [SkippableFact]
    public async Task OpenRead_Large_StreamsTheWhole()
    {
        var bytes = new byte[5_000_000];
        new Random(1).NextBytes(bytes);
        await Store.PutAsync($"{root}/large", new MemoryStream(bytes));
        await using var stream = await Store.OpenReadAsync($"{root}/large");
        var copy = new MemoryStream();
        await stream!.CopyToAsync(copy);
        copy.ToArray().AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Materialise_ManyAtOnce_DownloadsOnceAndKeepsWithinTheLimit()
    {
        var account = AzuriteStore.OrSkip().Account;
        for (var i = 0; i < 4; i++) await Store.PutAsync($"{root}/{i}", new MemoryStream(new byte[1000]));
        using var cache = new BlobCache(account, IdSource.System) { Limit = 2500 };
        var store = new BlobObjectStore(account, cache, IdSource.System);
        var same = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.MaterialiseAsync($"{root}/0")));
        same.Select(l => l.Path).Distinct().ShouldHaveSingleItem();
        var folder = Path.GetDirectoryName(same[0].Path)!;
        for (var i = 1; i < 4; i++) (await store.MaterialiseAsync($"{root}/{i}")).Dispose();

        // 0 is in use, so it stays; of the others 2 and 3 fit.
        Directory.GetFiles(folder).Length.ShouldBe(3);
        foreach (var local in same)
        {
            File.Exists(local.Path).ShouldBeTrue();
            local.Dispose();
            local.Dispose();
        }

        // Now 0 is the one used last, and 2 had to go.
        Directory.GetFiles(folder).Length.ShouldBe(2);
        File.Exists(same[0].Path).ShouldBeTrue();
        cache.Dispose();
        Directory.Exists(folder).ShouldBeFalse();
    }

    [SkippableFact]
    public async Task Materialise_Missing_LeavesTheCacheUsable()
    {
        await Should.ThrowAsync<ObjectMissingException>(() => Store.MaterialiseAsync($"{root}/none"));
        await Store.PutAsync($"{root}/none", ObjectText.Of("now"));
        using var local = await Store.MaterialiseAsync($"{root}/none");
        (await File.ReadAllTextAsync(local.Path)).ShouldBe("now");
    }
}
