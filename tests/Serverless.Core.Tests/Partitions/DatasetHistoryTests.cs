using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Testing;

namespace Serverless.Core.Tests.Partitions;

public sealed class DatasetHistoryTests : IDisposable
{
    private readonly LocalStore store = new();

    public void Dispose() => store.Dispose();

    private DatasetHistory NewHistory() => new(store.Objects);

    [Fact]
    public async Task Append_ByManyWriters_GivesVersionsWithoutGapsOrLoss()
    {
        var writers = Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            var history = NewHistory();
            for (var i = 0; i < 5; i++)
            {
                var (writer, number) = (w, i);
                await history.AppendAsync("d", (_, version) => Commit(version, $"{writer}-{number}"));
            }
        }));
        await Task.WhenAll(writers);

        var commits = await NewHistory().CommitsAsync("d");
        commits.Select(c => c.Version).ShouldBe(Enumerable.Range(1, 40));
        commits.Select(c => c.Drop).Distinct().Count().ShouldBe(40);
    }

    [Fact]
    public async Task Append_WithNothingToDo_StoresNothing()
    {
        (await NewHistory().AppendAsync("d", (_, _) => null)).ShouldBeNull();
        (await store.Objects.KeysAsync("data")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Commits_OfAnotherProcess_AreSeen()
    {
        var (mine, other) = (NewHistory(), NewHistory());
        (await mine.CommitsAsync("d")).ShouldBeEmpty();
        await other.AppendAsync("d", (_, version) => Commit(version, "x"));
        (await mine.CommitsAsync("d")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Partitions_AsOfAVersionThatIsNot_SaysWhichAre()
    {
        var history = NewHistory();
        (await Should.ThrowAsync<RequestException>(() => history.PartitionsAsync("d", AsOf.AtVersion(1)))).Message.ShouldBe("dataset 'd' has no version 1; nothing was stored yet.");
        await history.AppendAsync("d", (_, version) => Commit(version, "x"));
        (await Should.ThrowAsync<RequestException>(() => history.PartitionsAsync("d", AsOf.AtVersion(7)))).Message.ShouldBe("dataset 'd' has no version 7; it has 1 to 1.");
    }

    [Theory]
    [InlineData("{\"schemaVersion\":9}", "was written by a newer version of the program (schema 9, this one knows 3). Update it.")]
    [InlineData("{", "is not a commit of a history")]
    public async Task Commits_ThatCannotBeRead_SayWhich(string json, string message)
    {
        await store.Objects.PutAsync("data/d/_history/0000000001.json", ObjectText.Of(json));
        var error = await Should.ThrowAsync<EnvironmentException>(() => NewHistory().CommitsAsync("d"));
        error.Message.ShouldStartWith("'data/d/_history/0000000001.json' " + message);
    }

    private static Commit Commit(int version, string drop) => new()
    {
        Dataset = "d", Version = version, Drop = drop, File = drop + ".csv", Bytes = 1, WrittenAt = DateTimeOffset.UnixEpoch, By = "test", Run = "r",
        ContractVersion = "c", CodeVersion = "1", Quarantined = 0, Partitions = [],
    };
}
