using Serverless.Problems;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Storage;

public sealed class RecordLeasesTests : IDisposable
{
    private readonly LocalStore store = new();

    [Fact]
    public async Task TryAcquire_RecordOfANewerVersion_IsLeftAlone()
    {
        const string newer = """{"schemaVersion":9,"token":3,"expires":"2001-01-01T00:00:00Z"}""";
        await store.Records.InsertAsync(StoreNames.Tables.Leases, "train", "flights", newer);
        (await Should.ThrowAsync<EnvironmentException>(() => store.Leases.TryAcquireAsync("train", "flights", TimeSpan.FromMinutes(1)))).Message
            .ShouldStartWith("lease 'train/flights' has schema version 9; this Serverless");
        (await store.Records.GetAsync(StoreNames.Tables.Leases, "train", "flights"))!.Json.ShouldBe(newer);
    }

    [Fact]
    public async Task TryAcquire_NameWithASlash_IsRefused() =>
        (await Should.ThrowAsync<RequestException>(() => store.Leases.TryAcquireAsync("train", "a/b", TimeSpan.FromMinutes(1)))).Message
            .ShouldBe("row key 'a/b' cannot be used: it contains '/' (none of / \\ # ? is allowed).");

    [Fact]
    public async Task TryAcquire_NoDuration_IsRefused() =>
        (await Should.ThrowAsync<RequestException>(() => store.Leases.TryAcquireAsync("train", "a", TimeSpan.Zero))).Message.ShouldBe("a lease cannot last 00:00:00.");

    public void Dispose() => store.Dispose();
}
