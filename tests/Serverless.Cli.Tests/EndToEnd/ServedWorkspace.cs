using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Cli.Hosting;
using Serverless.Feedback;
using Serverless.Performance;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Cli.Tests.EndToEnd;

/// <summary>A workspace whose model is trained, with a clock of its own and a prediction log to write into as serving does.</summary>
internal sealed class ServedWorkspace : IAsyncDisposable
{
    private readonly TempFolder folder;
    private readonly ServiceProvider services;

    private ServedWorkspace(TempFolder folder, FakeTimeProvider time, ServiceProvider services) => (this.folder, Time, this.services, ids) = (folder, time, services, new PredictionIds(new SeededIds(7)));

    private readonly PredictionIds ids;

    public FakeTimeProvider Time { get; }

    public string Folder => folder.Path;

    public DateTimeOffset Now => Time.GetUtcNow();

    public static async Task<ServedWorkspace> StartAsync(string? model = null, Action<TempFolder>? also = null, int trainings = 1)
    {
        var folder = await SmallWorkspace.WithDataAsync(model);
        also?.Invoke(folder);
        for (var i = 0; i < trainings; i++) await Cli.DoneAsync(folder.Path, "train", "late");
        var time = new FakeTimeProvider(new DateTimeOffset(DateTime.UtcNow.Date.AddDays(1).AddHours(10), TimeSpan.Zero));
        var draft = WorkspaceLoader.Read(folder.Path);
        var collection = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(time);
        Composition.Add(collection, draft.Workspace, Parts.All);
        var services = collection.AddSchedulerTicks().BuildServiceProvider();
        draft.Accept(services.GetServices<IWorkspaceValidator>());
        return new ServedWorkspace(folder, time, services);
    }

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>One prediction in the log; <see cref="FlushAsync"/> stores it.</summary>
    public string Predict(double probability, int version = 1, string? key = null, DateTimeOffset? at = null, string role = "champion", string? id = null, RouteNote route = default, string inputs = """{"at":"2024-03-12T10:00:00Z","line":"red"}""")
    {
        var when = (at ?? Now).UtcDateTime;
        id ??= ids.Next(when);
        Get<IPredictionLog>().Append(new PredictionRecord(id, when, "late", version, role, null, Encoding.UTF8.GetBytes(inputs), [probability], probability > 0.5 ? "true" : "false", key: key, route: route));
        return id;
    }

    public Task FlushAsync() => Get<IPredictionLog>().FlushAsync();

    public async Task<FeedbackReceipt> SayAsync(params FeedbackItem[] items)
    {
        var receipt = await Get<IFeedback>().AcceptAsync(items, "test");
        receipt.Rejected.ShouldBeEmpty();
        return receipt;
    }

    public static FeedbackItem Actual(string id, object actual, DateTimeOffset? time = null) => new() { PredictionId = id, Actual = JsonSerializer.SerializeToElement(actual), Time = time };

    public static FeedbackItem Keyed(string key, object actual, DateTimeOffset? time = null) => new() { Key = key, Actual = JsonSerializer.SerializeToElement(actual), Time = time };

    /// <summary>Joins what there is, a while later, and reads what came of it.</summary>
    public async Task<ModelOutcomes> JoinAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(10));
        var engine = Get<IRunEngine>();
        var run = await engine.DriveAsync(await engine.StartAsync(new FeedbackState { Model = "late", Reason = "test", By = "test" }));
        run.Status.ShouldBe(RunStatus.Done, run.Reason);
        return await Get<IPerformance>().ReadAsync("late");
    }

    /// <summary>What a process with workers does in a while.</summary>
    public async Task TickAsync(TimeSpan after)
    {
        Time.Advance(after);
        await Get<IScheduler>().TickAsync(Now);
        while (await Get<IRunEngine>().WorkOnceAsync())
        {
        }
    }

    public IObjectStore Objects => Get<IObjectStore>();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        folder.Dispose();
    }
}
