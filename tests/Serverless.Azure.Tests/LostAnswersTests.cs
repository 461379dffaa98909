using System.Security.Cryptography;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Azure.Tests;

/// <summary>
/// A repeated request meets what its first attempt wrote. That must count as our success: otherwise of eight writers none would win, and a version number or a
/// commit would be held by nobody.
/// </summary>
public sealed class LostAnswersTests
{
    private readonly string name = IdSource.System.Next(10);

    [SkippableFact]
    public async Task PutIfAbsent_AnswerLost_IsStillOurs()
    {
        var (account, network) = LostAnswers.Open();
        using var cache = new BlobCache(account, LostAnswers.Ids);
        var store = new BlobObjectStore(account, cache, LostAnswers.Ids);
        var info = await store.PutIfAbsentAsync($"data/{name}", ObjectText.Of("mine"));
        info.ShouldNotBeNull();
        info.ShouldBe(await store.HeadAsync($"data/{name}"));
        (await store.PutIfAbsentAsync($"data/{name}", ObjectText.Of("other"))).ShouldBeNull();
        (await store.ReplaceAsync($"data/{name}", ObjectText.Of("mine again"), info.ETag)).ShouldNotBeNull();
        (await store.ReadTextAsync($"data/{name}")).ShouldBe("mine again");
        (await store.ReplaceAsync($"data/{name}", ObjectText.Of("too late"), info.ETag)).ShouldBeNull();
        network.Count.ShouldBeGreaterThanOrEqualTo(2);
    }

    [SkippableFact]
    public async Task PutIfAbsent_LargeAndAnswersLost_IsStillOursAndWhole()
    {
        var (account, network) = LostAnswers.Open();
        using var cache = new BlobCache(account, LostAnswers.Ids);
        var store = new BlobObjectStore(account, cache, LostAnswers.Ids);
        var bytes = new byte[BlobUpload.Block + 1000];
        new Random(3).NextBytes(bytes);
        (await store.PutIfAbsentAsync($"data/{name}", new OneWayStream(bytes))).ShouldNotBeNull();
        using var local = await store.MaterialiseAsync($"data/{name}");
        SHA256.HashData(await File.ReadAllBytesAsync(local.Path)).ShouldBe(SHA256.HashData(bytes));
        network.Count.ShouldBeGreaterThanOrEqualTo(3);
    }

    [SkippableFact]
    public async Task InsertAndReplace_AnswerLost_AreStillOurs()
    {
        var (account, network) = LostAnswers.Open();
        var store = new TableRecordStore(account, LostAnswers.Ids);
        var etag = await store.InsertAsync(StoreNames.Tables.Versions, name, "1", "mine");
        etag.ShouldNotBeNull();
        (await store.InsertAsync(StoreNames.Tables.Versions, name, "1", "other")).ShouldBeNull();
        var next = await store.ReplaceAsync(StoreNames.Tables.Versions, name, "1", "mine again", etag);
        next.ShouldNotBeNull();
        (await store.GetAsync(StoreNames.Tables.Versions, name, "1")).ShouldBe(new StoredRecord(StoreNames.Tables.Versions, name, "1", "mine again", next));
        (await store.ReplaceAsync(StoreNames.Tables.Versions, name, "1", "too late", etag)).ShouldBeNull();
        network.Count.ShouldBeGreaterThanOrEqualTo(2);
    }
}
