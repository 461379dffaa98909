using Microsoft.Extensions.Logging;

namespace Serverless.Cli.Terminal;

/// <summary>Log lines on stderr, one each, without ornament: time, level where it matters, message.</summary>
internal sealed class PlainLoggerProvider(TextWriter writer, LogLevel least, bool traces) : ILoggerProvider
{
    private readonly Lock gate = new();

    public ILogger CreateLogger(string categoryName) => new PlainLogger(this, categoryName.StartsWith("Microsoft.", StringComparison.Ordinal) ? Max(least, LogLevel.Warning) : least);

    public void Dispose() { }

    private static LogLevel Max(LogLevel a, LogLevel b) => a > b ? a : b;

    private sealed class PlainLogger(PlainLoggerProvider provider, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var word = logLevel switch { >= LogLevel.Error => "error: ", LogLevel.Warning => "warning: ", _ => "" };
            var text = $"{DateTime.UtcNow:HH:mm:ss} {word}{formatter(state, exception)}";
            if (exception is not null) text += provider.traces ? Environment.NewLine + exception : $" ({exception.Message})";
            lock (provider.gate) provider.writer.WriteLine(text);
        }
    }

    private readonly TextWriter writer = writer;
    private readonly bool traces = traces;
}
