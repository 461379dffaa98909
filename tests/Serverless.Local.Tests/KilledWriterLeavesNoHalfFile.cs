using Microsoft.Data.Sqlite;
using Serverless.CrashHost;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Local.Tests;

public sealed class KilledWriterLeavesNoHalfFile : IDisposable
{
    private const int Rounds = 10;
    private const int Writers = 2;

    private readonly TempFolder folder = new();

    private string Store => folder[".serverless"];

    [Fact]
    public async Task Kill_TwentyTimesAtRandomMoments_EverythingAcknowledgedIsThereAndWhole()
    {
        var random = new Random(4711);
        var acknowledged = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var names = Enumerable.Range(0, Writers).Select(w => $"w{round}-{w}").ToArray();
            var children = names.Select(n => new Child("write", Store, n)).ToArray();
            try
            {
                foreach (var child in children)
                {
                    await child.BegunAsync();
                    await Task.Delay(random.Next(0, 120));
                }

                for (var w = 0; w < Writers; w++)
                {
                    var lines = await children[w].KillAsync();
                    acknowledged += lines.Count;
                    using var store = new LocalStore(folder: Store);
                    await VerifyAsync(store, names[w], lines);
                }
            }
            finally
            {
                foreach (var child in children) child.Dispose();
            }
        }

        acknowledged.ShouldBeGreaterThan(Rounds * Writers);
        await VerifyWholeStoreAsync();
    }

    public void Dispose() => folder.Dispose();

    private static async Task VerifyAsync(LocalStore store, string writer, IReadOnlyList<string> lines)
    {
        int Last(string what) => lines.LastOrDefault(l => l.StartsWith(what + " ", StringComparison.Ordinal)) is { } line ? int.Parse(line.Split(' ')[1]) : -1;

        // Each object is whole, there is none missing among the acknowledged, and at most one more (done, but killed before saying so).
        var keys = await store.Objects.KeysAsync($"data/crash/{writer}/");
        keys.ShouldBe(Enumerable.Range(0, keys.Count).Select(n => Writing.ObjectKey(writer, n)));
        keys.Count.ShouldBeInRange(Last("object") + 1, Last("object") + 2);
        for (var n = 0; n < keys.Count; n++)
        {
            using var local = await store.Objects.MaterialiseAsync(keys[n]);
            (await File.ReadAllBytesAsync(local.Path)).AsSpan().SequenceEqual(Writing.Content(writer, n)).ShouldBeTrue(keys[n]);
        }

        // All of each acknowledged group, and of the one that was being written each object wholly or not at all.
        for (var n = 0; n <= Last("group") + 1; n++)
        {
            for (var m = 0; m < Writing.GroupSize; m++)
            {
                var key = Writing.GroupKey(writer, n, m);
                if (await store.Objects.HeadAsync(key) is null)
                {
                    n.ShouldBe(Last("group") + 1, key);
                    continue;
                }

                using var local = await store.Objects.MaterialiseAsync(key);
                (await File.ReadAllBytesAsync(local.Path)).AsSpan().SequenceEqual(Writing.Content(writer, n + m)).ShouldBeTrue(key);
            }
        }

        if (await store.Objects.ReadTextAsync(Writing.LatestKey(writer)) is { } latest)
        {
            var n = int.Parse(latest[..9]);
            n.ShouldBeInRange(Last("latest"), Last("latest") + 1);
            latest.ShouldBe(Writing.Latest(n));
        }
        else
        {
            Last("latest").ShouldBe(-1);
        }

        var rows = new List<string>();
        await foreach (var record in store.Records.QueryAsync(StoreNames.Tables.Runs, writer)) rows.Add(record.Json);
        rows.ShouldBe(Enumerable.Range(0, rows.Count).Select(n => $"{n}"));
        rows.Count.ShouldBeInRange(Last("record") + 1, Last("record") + 2);
        if (Last("upsert") >= 0) int.Parse((await store.Records.GetAsync(StoreNames.Tables.Audit, writer, "latest"))!.Json).ShouldBeInRange(Last("upsert"), Last("upsert") + 1);
    }

    private async Task VerifyWholeStoreAsync()
    {
        // What the last round's writers left is swept when the next process opens the store.
        using var store = new LocalStore(folder: Store);
        (await store.Objects.HeadAsync("data/none")).ShouldBeNull();
        await store.Objects.PutAsync("data/crash/after", ObjectText.Of("works"));
        Directory.GetFileSystemEntries(Path.Combine(Store, "tmp")).Length.ShouldBe(2);

        using var connection = new SqliteConnection($"Data Source={Path.Combine(Store, "store.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        command.ExecuteScalar().ShouldBe("ok");
        command.CommandText = "SELECT COUNT(*) - COUNT(DISTINCT body) FROM messages";
        command.ExecuteScalar().ShouldBe(0L);
        // A message is sent right after its record: none is missing, and at most the last of each writer has not been sent.
        command.CommandText = "SELECT (SELECT COUNT(*) FROM records WHERE tbl = 'runs') - (SELECT COUNT(*) FROM messages)";
        ((long)command.ExecuteScalar()!).ShouldBeInRange(0, Rounds * Writers);
    }
}
