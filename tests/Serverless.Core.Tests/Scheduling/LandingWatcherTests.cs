using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Serverless.Core.Tests.Workspaces;
using Serverless.Problems;
using Serverless.Scheduling;
using Serverless.Testing;

namespace Serverless.Core.Tests.Scheduling;

public sealed class LandingWatcherTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly LocalStore store;
    private readonly RecordingInbox inbox;
    private readonly Said log = new();
    private readonly LandingWatcher watcher;

    public LandingWatcherTests()
    {
        store = new LocalStore(time);
        inbox = new RecordingInbox(store.Objects);
        watcher = Watcher();
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Tick_FileThatRests_IsMovedIntoLandingAndAccepted()
    {
        var path = Put("landing/flights/jan.csv", "a,b\n1,2\n");

        await LookAsync();
        File.Exists(path).ShouldBeTrue(); // seen once: it may still grow
        await LookAsync();

        File.Exists(path).ShouldBeFalse();
        (await store.Objects.ReadTextAsync("landing/flights/jan.csv")).ShouldBe("a,b\n1,2\n");
        inbox.Accepted.Distinct().ShouldBe(["flights landing/flights/jan.csv landing"]);
    }

    [Fact]
    public async Task Tick_FileStillBeingWritten_IsLeftUntilItRests()
    {
        var path = Put("landing/flights/jan.csv", "a,b\n");
        for (var i = 0; i < 5; i++)
        {
            await LookAsync();
            File.AppendAllText(path, "1,2\n");
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }

        inbox.Accepted.ShouldBeEmpty();
        await LookAsync();
        await LookAsync();
        (await store.Objects.ReadTextAsync("landing/flights/jan.csv")).ShouldBe("a,b\n1,2\n1,2\n1,2\n1,2\n1,2\n");
    }

    [Theory]
    [InlineData(".hidden.csv")]
    [InlineData("jan.csv.tmp")]
    [InlineData("jan.csv.part")]
    [InlineData("jan.csv.crdownload")]
    [InlineData("jan.csv~")]
    public async Task Tick_UnfinishedByItsName_IsIgnored(string name)
    {
        var path = Put($"landing/flights/{name}", "a\n");

        for (var i = 0; i < 3; i++) await LookAsync();

        File.Exists(path).ShouldBeTrue();
        inbox.Accepted.ShouldBeEmpty();
        log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_FolderOfNoDataset_WarnsOnceWithTheNameMeant()
    {
        var path = Put("landing/flight/jan.csv", "a\n");
        var loose = Put("landing/jan.csv", "a\n");

        for (var i = 0; i < 4; i++) await LookAsync();

        log.Lines.ShouldBe(
        [
            "'jan.csv' in landing belongs to no dataset; put files directly into landing/<dataset>/",
            "landing has a folder 'flight', which is no dataset of this workspace. Did you mean 'flights'? Its files are left alone",
        ]);
        File.Exists(path).ShouldBeTrue();
        File.Exists(loose).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Tick_NameThatCannotBe_StaysAndIsReportedOnce()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such file names");
        var path = Put("landing/flights/a:b.csv", "a\n");

        for (var i = 0; i < 4; i++) await LookAsync();

        File.Exists(path).ShouldBeTrue();
        log.Lines.ShouldBe(["a:b.csv for dataset flights is left where it is: 'a:b.csv' cannot be the name of a drop"]);
    }

    [Fact]
    public async Task Tick_ObjectsPutByOthers_AreAcceptedOnceUntilTheyChange()
    {
        await store.Objects.PutAsync("landing/flights/jan.csv", ObjectText.Of("1"));
        await store.Objects.PutAsync("landing/flight/jan.csv", ObjectText.Of("1"));

        (await watcher.TickAsync()).ShouldHaveSingleItem();
        (await watcher.TickAsync()).ShouldBeEmpty();
        await store.Objects.PutAsync("landing/flights/jan.csv", ObjectText.Of("2"));
        (await watcher.TickAsync()).ShouldHaveSingleItem();

        inbox.Accepted.Count.ShouldBe(2);
        log.Lines.ShouldHaveSingleItem().ShouldContain("Did you mean 'flights'?");
    }

    [Fact]
    public async Task Tick_ObjectGoneMeanwhile_IsNoError()
    {
        await store.Objects.PutAsync("landing/flights/jan.csv", ObjectText.Of("1"));
        inbox.Refuse = key => new RequestException($"there is no drop '{key}'.");

        (await watcher.TickAsync()).ShouldBeEmpty();

        inbox.Refuse = _ => null;
        (await watcher.TickAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Tick_TwoProcessesOneFolder_LoseNothing()
    {
        var other = Watcher();
        for (var i = 0; i < 10; i++) Put($"landing/flights/{i}.csv", $"{i}\n");

        for (var i = 0; i < 3; i++)
        {
            await Task.WhenAll(Task.Run(() => watcher.TickAsync()), Task.Run(() => other.TickAsync()));
            time.Advance(TimeSpan.FromSeconds(3));
        }

        for (var i = 0; i < 10; i++) (await store.Objects.ReadTextAsync($"landing/flights/{i}.csv")).ShouldBe($"{i}\n");
        inbox.Put.Order().ShouldBe(Enumerable.Range(0, 10).Select(i => $"{i}.csv")); // each taken by one of them
        log.Lines.ShouldBeEmpty();
        Directory.EnumerateFiles(Path.Combine(folder.Root, "landing", "flights")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tick_FileHeldByAnotherProcess_IsLeftAndTakenWhenItIsFree()
    {
        var path = Put("landing/flights/jan.csv", "a,b\n1,2\n");
        await LookAsync();
        using (new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None))
        {
            await LookAsync();
            await LookAsync();
            File.Exists(path).ShouldBeTrue();
            inbox.Put.ShouldBeEmpty();
            log.Lines.ShouldBeEmpty();
        }

        await LookAsync();

        inbox.Put.ShouldBe(["jan.csv"]);
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task Tick_FileOfTheScoreInbox_IsPutOnceItRests()
    {
        folder.Write("models/late.yaml", "model: late\ntask: binary\ndataset: flights\nlabel: a > 1\nfeatures: { b: b }\ntrainer: { name: lightgbm }\nholdout: 1d\ngate: { metric: auc }\n");
        var watcher = Watcher();
        var path = Put("landing/_score/late/rows.csv", "a,b\n1,2\n");
        Put("landing/_score/lat/rows.csv", "a,b\n1,2\n");
        for (var i = 0; i < 3; i++)
        {
            await watcher.TickAsync();
            time.Advance(TimeSpan.FromSeconds(3));
        }

        scores.Put.ShouldBe(["late/rows.csv"]);
        File.Exists(path).ShouldBeFalse();
        inbox.Put.ShouldBeEmpty();
        log.Lines.ShouldHaveSingleItem().ShouldContain("landing has a folder '_score/lat', which is no dataset of this workspace. Did you mean 'late'?");

        // What somebody else put into the store's inbox is accepted, whoever looks.
        await store.Objects.PutAsync("landing/_score/late/more.csv", new MemoryStream([1]));
        await watcher.TickAsync();
        await watcher.TickAsync();
        scores.Accepted.ShouldBe(["landing/_score/late/more.csv"]);
    }

    private readonly Scores scores = new();

    private LandingWatcher Watcher()
    {
        var workspace = folder.Load();
        var inboxFolder = new InboxFolder(workspace, inbox, new SchedulingOptions(), time, new Logger<InboxFolder>(log), batches: scores);
        return new LandingWatcher(workspace, inboxFolder, store.Objects, inbox, new Logger<LandingWatcher>(log), batches: scores);
    }

    private async Task LookAsync()
    {
        await watcher.TickAsync();
        time.Advance(TimeSpan.FromSeconds(3));
    }

    private string Put(string name, string text)
    {
        folder.Write(name, text);
        var path = Path.Combine(folder.Root, name);
        File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        return path;
    }

    /// <summary>Takes files to be scored, and remembers them.</summary>
    private sealed class Scores : Serverless.Scoring.IBatches
    {
        public List<string> Put { get; } = [];

        public List<string> Accepted { get; } = [];

        public Task<string> PutAsync(string model, string fileName, Stream content, CancellationToken cancel = default)
        {
            Put.Add($"{model}/{fileName}");
            return Task.FromResult("score-1");
        }

        public Task<string> AcceptAsync(string key, CancellationToken cancel = default)
        {
            Accepted.Add(key);
            return Task.FromResult("score-2");
        }

        public Task<string> StartAsync(Serverless.Scoring.BatchRequest request, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<string> StartAsync(Serverless.Scoring.BatchRequest request, string fileName, Stream content, CancellationToken cancel = default) => throw new NotSupportedException();

        public IAsyncEnumerable<Serverless.Scoring.Batch> ListAsync(string model, CancellationToken cancel = default) => throw new NotSupportedException();
    }

    /// <summary>Keeps warnings.</summary>
    private sealed class Said : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) { }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel < LogLevel.Warning) return;
            lock (Lines) Lines.Add(formatter(state, exception));
        }

        public void Dispose() { }
    }
}
