using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Access;

namespace Serverless.Web.Access;

/// <summary>Reads the store's keys before the first request is answered, and every few seconds after that: a key that was revoked elsewhere is refused here within that time.</summary>
internal sealed partial class StoredKeys(ApiKeys keys, IApiKeyStore store, TimeProvider time, ILogger<StoredKeys> logger) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private bool read;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks now.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        try
        {
            keys.Take(await store.ListAsync(cancel).ConfigureAwait(false));
            read = true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            keys.Unreachable(never: !read);
            LogUnreachable(e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) await RefreshAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    [LoggerMessage(EventId = 6102, Level = LogLevel.Warning, Message = "The API keys of the store could not be read. Those known before still count; when none ever were, everybody is refused.")]
    private partial void LogUnreachable(Exception error);
}
