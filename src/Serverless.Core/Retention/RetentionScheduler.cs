using System.Globalization;
using System.Text.Json;
using Cronos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Retention;

/// <summary>
/// Removes what may go at the times of <c>retention.schedule</c>. Of any number of processes one does it, whoever leaves the mark of the time first. A time that nobody was there for is made up for within
/// <see cref="Late"/>, and else left to the next: nothing is urgent about removing.
/// </summary>
internal sealed partial class RetentionScheduler(Workspace workspace, IRetention retention, IObjectStore objects, ILogger<RetentionScheduler>? logger = null)
{
    private static readonly TimeSpan Late = TimeSpan.FromHours(6);

    private readonly ILogger log = logger ?? NullLogger<RetentionScheduler>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        if (workspace.Retention.Schedule is not { } cron) return;
        var due = CronExpression.Parse(cron).GetOccurrences((now - Late).UtcDateTime, now.UtcDateTime, fromInclusive: false, toInclusive: true).Select(d => (DateTime?)d).LastOrDefault();
        if (due is not { } at) return;
        try
        {
            using var mark = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 1, due = at, begun = now }, ServerlessJson.Options));
            if (await objects.PutIfAbsentAsync(string.Create(CultureInfo.InvariantCulture, $"{StoreNames.Containers.Runs}/retention/due-{at:yyyyMMddHHmm}.json"), mark, cancel) is null) return;
            var done = await retention.RemoveAsync("schedule", $"retention.schedule {cron}", cancel);
            LogDone(done.Remove.Count, done.Bytes);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogFailed(e); // what is left is found by the next sweep
        }
    }

    [LoggerMessage(1160, LogLevel.Information, "Retention removed {Count} items, {Bytes} bytes")]
    private partial void LogDone(int count, long bytes);

    [LoggerMessage(1161, LogLevel.Error, "Retention did not come to its end; the next scheduled time goes on")]
    private partial void LogFailed(Exception error);
}
