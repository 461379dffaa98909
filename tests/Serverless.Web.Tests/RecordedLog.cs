using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Serverless.Web.Tests;

/// <summary>What was logged, to look at.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> entries = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Entries => [.. entries];

    public string All => string.Join('\n', entries.Select(e => e.Text));

    public ILogger CreateLogger(string categoryName) => new Logger(entries);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<(LogLevel, int, string)> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            entries.Enqueue((logLevel, eventId.Id, formatter(state, exception) + (exception is null ? "" : " " + exception)));
    }
}
