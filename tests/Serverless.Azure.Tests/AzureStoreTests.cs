using Azure.Data.Tables;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Azure.Tests;

public sealed class AzureStoreTests
{
    private const string Variable = "SERVERLESS_TESTS_CONNECTION";

    [Fact]
    public void Create_VariableUnset_SaysWhich() =>
        Should.Throw<EnvironmentException>(() => AzureStore.Create(new StorageSettings { Kind = StorageKind.Azure, ConnectionVariable = "SERVERLESS_TESTS_UNSET" })).Message
            .ShouldBe("environment variable 'SERVERLESS_TESTS_UNSET', which should hold the storage account's connection string, is not set. Set it, or name an account in serverless.yaml.");

    [Fact]
    public void Create_NotAConnectionString_SaysSoWithoutShowingIt()
    {
        Environment.SetEnvironmentVariable(Variable, "s3cret nonsense");
        var problem = Should.Throw<EnvironmentException>(() => AzureStore.Create(new StorageSettings { Kind = StorageKind.Azure, ConnectionVariable = Variable }));
        problem.Message.ShouldStartWith($"environment variable '{Variable}' does not hold a connection string of a storage account.");
        problem.Message.ShouldNotContain("s3cret");
    }

    [Fact]
    public void Create_NeitherAccountNorVariable_SaysWhatToSet() =>
        Should.Throw<EnvironmentException>(() => AzureStore.Create(new StorageSettings { Kind = StorageKind.Azure })).Message.ShouldContain("Set storage.account");

    [Fact]
    public void Create_Account_IsReachedByHttpsWithoutAKey()
    {
        var store = AzureStore.Create(new StorageSettings { Kind = StorageKind.Azure, Account = "flightsml" });
        store.Blobs.Uri.ShouldBe(new Uri("https://flightsml.blob.core.windows.net/"));
        store.Queues.Uri.ShouldBe(new Uri("https://flightsml.queue.core.windows.net/"));
        store.Tables.Uri.ShouldBe(new Uri("https://flightsml.table.core.windows.net/"));
        store.ReadyAsync().IsCompletedSuccessfully.ShouldBeTrue();
    }

    [SkippableFact]
    public async Task AnyCall_WrongKey_SaysWhichRolesAreNeeded()
    {
        AzuriteStore.OrSkip();
        var settings = Connection(c => c.Replace("AccountKey=Eby8", "AccountKey=AAAA", StringComparison.Ordinal));
        using var cache = new BlobCache(settings, IdSource.System);
        var store = new BlobObjectStore(settings, cache, IdSource.System);
        (await Should.ThrowAsync<EnvironmentException>(() => store.HeadAsync("data/a"))).Message.ShouldContain("Storage Blob Data Contributor");
    }

    [Fact]
    public async Task AnyCall_NothingAnswers_SaysSo()
    {
        Environment.SetEnvironmentVariable(Variable, "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a;TableEndpoint=http://127.0.0.1:9/a");
        var account = AzureStore.Create(new StorageSettings { Kind = StorageKind.Azure, ConnectionVariable = Variable }, o => o.Retry.Delay = o.Retry.MaxDelay = TimeSpan.FromMilliseconds(1));
        var store = new TableRecordStore(account, IdSource.System);
        (await Should.ThrowAsync<EnvironmentException>(() => store.GetAsync(StoreNames.Tables.Runs, "a", "b"))).Message.ShouldContain("the storage account does not answer");
    }

    [SkippableFact]
    public async Task AnyCall_ContainerMissing_SaysToDeploy()
    {
        var (account, store) = (AzuriteStore.OrSkip().Account, AzuriteStore.OrSkip().Objects);
        await account.EnsureCreatedAsync();
        await account.Blobs.DeleteBlobContainerAsync(StoreNames.Containers.Feedback);
        try
        {
            const string expected = "the account lacks the container it should be in. Deploy infra/ (azd provision) again, which makes it.";
            (await Should.ThrowAsync<EnvironmentException>(() => store.HeadAsync("feedback/a"))).Message.ShouldEndWith(expected);
            (await Should.ThrowAsync<EnvironmentException>(() => store.OpenReadAsync("feedback/a"))).Message.ShouldBe($"could not read 'feedback/a': {expected}");
            (await Should.ThrowAsync<EnvironmentException>(() => store.PutIfAbsentAsync("feedback/a", ObjectText.Of("x")))).Message.ShouldEndWith(expected);
            (await Should.ThrowAsync<EnvironmentException>(() => store.KeysAsync("feedback/"))).Message.ShouldEndWith(expected);
        }
        finally
        {
            await account.EnsureCreatedAsync();
        }
    }

    [SkippableFact]
    public async Task EnsureCreated_Twice_MakesEveryNameOfTheCode()
    {
        var account = AzuriteStore.OrSkip().Account;
        await account.EnsureCreatedAsync();
        await account.EnsureCreatedAsync();
        foreach (var container in StoreNames.Containers.All) (await account.Blobs.GetBlobContainerClient(container).ExistsAsync()).Value.ShouldBeTrue(container);
        foreach (var queue in StoreNames.Queues.All) (await account.Queues.GetQueueClient(queue).ExistsAsync()).Value.ShouldBeTrue(queue);
        var tables = new List<string>();
        await foreach (var table in account.Tables.QueryAsync()) tables.Add(table.Name);
        tables.ShouldBe(StoreNames.Tables.All, ignoreOrder: true);
    }

    [SkippableFact]
    public async Task Insert_LongDocument_IsCutOverProperties()
    {
        var account = AzuriteStore.OrSkip().Account;
        var partition = IdSource.System.Next(10);
        await AzuriteStore.OrSkip().Records.InsertAsync(StoreNames.Tables.Runs, partition, "a", new string('x', 70_000));
        var entity = (await account.Tables.GetTableClient(StoreNames.Tables.Runs).GetEntityAsync<TableEntity>(partition, "a")).Value;
        entity.Keys.Where(k => k.StartsWith('J')).ShouldBe(["J00", "J01", "J02"], ignoreOrder: true);
        entity.GetString("J02").Length.ShouldBe(6_000);
    }

    private static AzureStore Connection(Func<string, string> change)
    {
        Environment.SetEnvironmentVariable(Variable, change(Testing.Emulator.Azurite.OrSkip().ConnectionString));
        return AzureStore.Create(new StorageSettings { Kind = StorageKind.Azure, ConnectionVariable = Variable });
    }
}
