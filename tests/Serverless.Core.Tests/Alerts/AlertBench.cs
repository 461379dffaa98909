using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Incidents;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Alerts;

/// <summary>A store with a clock, and processes that share it and tell what they have to tell through a channel that the test controls.</summary>
internal sealed class AlertBench : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly List<ServiceProvider> processes = [];
    private int published;

    public AlertBench(AlertSettings? settings = null, DateTimeOffset? start = null)
    {
        Settings = settings ?? Routed(AlertRule.BuiltIn);
        Time = new FakeTimeProvider(start ?? Noon);
        Store = new LocalStore(Time, new SeededIds(7));
        Main = Process();
    }

    public AlertSettings Settings { get; }

    public FakeTimeProvider Time { get; }

    public LocalStore Store { get; }

    public TestChannel Channel { get; } = new();

    public RecordedLog Log { get; } = new();

    public IServiceProvider Main { get; }

    public ISignals Signals => Main.GetRequiredService<ISignals>();

    public IAlerts Alerts => Main.GetRequiredService<IAlerts>();

    public IIncidents Incidents => Main.GetRequiredService<IIncidents>();

    /// <summary>Everything goes to the test's channel.</summary>
    public static AlertSettings Routed(params AlertRule[] rules) => new()
    {
        Channels = new Dictionary<string, ChannelDefinition> { ["team"] = new() { Name = "team", Kind = "test" } },
        Routes = Enum.GetValues<Severity>().ToDictionary(s => s, _ => (IReadOnlyList<string>)["team"]),
        Rules = rules,
    };

    public IServiceProvider Process(IRecordStore? records = null, AlertOptions? options = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection()
            .AddSingleton(time ?? Time).AddSingleton<IdSource>(new SeededIds(processes.Count))
            .AddSingleton<ILoggerProvider>(Log).AddLogging(l => l.SetMinimumLevel(LogLevel.Debug))
            .AddSingleton(new Workspace
            {
                Name = "airline", Root = Path.GetTempPath(), Storage = new StorageSettings(), ApiKeys = [], Hash = "h", Alerts = Settings,
                Datasets = new Dictionary<string, DatasetDefinition>(), Models = new Dictionary<string, Models.ModelDefinition>(),
            })
            .AddSingleton(records ?? Store.Records).AddSingleton(Store.Objects).AddSingleton(Store.Queue)
            .AddSingleton(options ?? new AlertOptions())
            .AddSingleton<IAlertChannel>(Channel)
            .AddStorage().AddAlerts().AddIncidents()
            .BuildServiceProvider();
        processes.Add(services);
        return services;
    }

    public Task TickAsync(IServiceProvider? process = null) => (process ?? Main).GetRequiredService<IAlertWorker>().TickAsync();

    /// <summary>Publishes a look at the present time and ticks.</summary>
    public async Task LookAsync(bool bad, string name = "completeness(delay)", Severity severity = Severity.Warning, SignalKind kind = SignalKind.Check, string? period = null, string subject = "flights")
    {
        await Signals.PublishAsync([Signal(bad, name, severity, kind, period, subject)]);
        await TickAsync();
    }

    public Signal Signal(bool bad, string name = "completeness(delay)", Severity severity = Severity.Warning, SignalKind kind = SignalKind.Check, string? period = null, string subject = "flights") => new()
    {
        Kind = kind, Subject = subject, Name = name, Period = period ?? $"2001-01-{1 + (published++ % 28):00}", Bad = bad, Severity = severity, Value = bad ? 0.61 : 0.99, Expectation = $"{name} >= 0.95",
        Message = bad ? $"{name} is 0.61" : $"{name} is 0.99", At = Time.GetUtcNow(), Run = $"ingest-{published}",
    };

    public async Task<Alert> TheAlertAsync() => (await Alerts.ListAsync()).ShouldHaveSingleItem();

    public void Dispose()
    {
        processes.ForEach(p => p.Dispose());
        Store.Dispose();
    }
}

/// <summary>Takes every message, or fails as the test says.</summary>
internal sealed class TestChannel : IAlertChannel
{
    private readonly ConcurrentQueue<AlertMessage> taken = new();

    public string Kind => "test";

    public IReadOnlyList<ChannelKey> Keys => [];

    /// <summary>What happens instead of taking it.</summary>
    public Func<AlertMessage, CancellationToken, Task>? Trouble { get; set; }

    public IReadOnlyList<AlertMessage> Taken => [.. taken];

    public int Tried { get; private set; }

    public async Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel)
    {
        Tried++;
        if (Trouble is { } trouble) await trouble(message, cancel);
        taken.Enqueue(message);
    }
}

/// <summary>What was logged.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(int Event, LogLevel Level, string Text)> lines = new();

    public IReadOnlyList<(int Event, LogLevel Level, string Text)> Lines => [.. lines];

    public ILogger CreateLogger(string categoryName) => new Writer(lines);

    public void Dispose() { }

    private sealed class Writer(ConcurrentQueue<(int Event, LogLevel Level, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((eventId.Id, logLevel, formatter(state, exception)));
    }
}
