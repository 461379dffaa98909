using Microsoft.Data.Sqlite;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Local.Tests;

public sealed class StoreVersionTests : IDisposable
{
    private readonly TempFolder folder = new();

    private string Store => folder[".serverless"];

    [Fact]
    public async Task Open_NewerFolder_SaysWhichVersionAndWhatToDo()
    {
        folder.Write(".serverless/store.json", """{"schemaVersion": 7, "writtenBy": "3.2.0"}""");
        using var store = new LocalStore(folder: Store);
        foreach (var call in new Func<Task>[]
        {
            () => store.Objects.PutAsync("data/a", ObjectText.Of("x")), () => store.Records.GetAsync(StoreNames.Tables.Runs, "a", "b"), () => store.Queue.CountAsync(StoreNames.Queues.Work),
            () => store.Objects.HeadAsync("data/a"), () => store.Objects.OpenReadAsync("data/a"), () => store.Objects.KeysAsync("data/"), () => store.Objects.DeleteAsync("data/a"),
        })
        {
            (await Should.ThrowAsync<EnvironmentException>(call)).Message.ShouldBe(
                $"the store in '{Store}' has schema version 7 (written by Serverless 3.2.0); this Serverless {CodeVersion.Current} knows version 1. Nothing was changed. "
                + "Use the Serverless that wrote it, or a newer one, or set another folder under storage in serverless.yaml.");
        }

        File.Exists(Path.Combine(Store, "store.db")).ShouldBeFalse();
        Directory.GetFileSystemEntries(Path.Combine(Store, "tmp")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Open_OlderFolder_SaysWhatToDo()
    {
        folder.Write(".serverless/store.json", """{"schemaVersion": 0}""");
        using var store = new LocalStore(folder: Store);
        (await Should.ThrowAsync<EnvironmentException>(() => store.Objects.PutAsync("data/a", ObjectText.Of("x")))).Message.ShouldContain("ingest the drops again");
    }

    [Fact]
    public async Task Open_NewerDatabase_SaysWhichVersionAndTouchesNothing()
    {
        using (var store = new LocalStore(folder: Store)) await store.Records.InsertAsync(StoreNames.Tables.Runs, "a", "b", "1");
        Sql("PRAGMA user_version = 2");
        using (var store = new LocalStore(folder: Store))
        {
            (await Should.ThrowAsync<EnvironmentException>(() => store.Records.UpsertAsync(StoreNames.Tables.Runs, "a", "b", "2"))).Message
                .ShouldStartWith($"'{Path.Combine(Store, "store.db")}' has schema version 2; this Serverless");
        }

        Sql("PRAGMA user_version = 1");
        using var again = new LocalStore(folder: Store);
        (await again.Records.GetAsync(StoreNames.Tables.Runs, "a", "b"))!.Json.ShouldBe("1");
    }

    [Fact]
    public async Task Open_DamagedFiles_SaysWhichFile()
    {
        folder.Write(".serverless/store.json", "{ \"schemaVer");
        using (var store = new LocalStore(folder: Store))
            (await Should.ThrowAsync<EnvironmentException>(() => store.Objects.HeadAsync("data/a"))).Message.ShouldStartWith($"'{Path.Combine(Store, "store.json")}' is damaged");
        File.Delete(Path.Combine(Store, "store.json"));
        folder.Write(".serverless/store.db", new string('z', 5000));
        using (var store = new LocalStore(folder: Store))
            (await Should.ThrowAsync<EnvironmentException>(() => store.Records.GetAsync(StoreNames.Tables.Runs, "a", "b"))).Message.ShouldStartWith($"'{Path.Combine(Store, "store.db")}' is damaged");
    }

    [Fact]
    public async Task Open_FolderIsAFile_SaysSo()
    {
        folder.Write(".serverless", "a file");
        using var store = new LocalStore(folder: Store);
        (await Should.ThrowAsync<EnvironmentException>(() => store.Objects.PutAsync("data/a", ObjectText.Of("x")))).Message
            .ShouldBe($"the store's folder '{Store}' cannot be made: a file has that name. Move the file away, or set another folder under storage in serverless.yaml.");
    }

    public void Dispose() => folder.Dispose();

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Store, "store.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
