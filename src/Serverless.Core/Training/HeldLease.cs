using Serverless.Storage;

namespace Serverless.Training;

/// <summary>Keeps a lease alive while a long step runs, and gives it back at the end.</summary>
internal sealed class HeldLease : IAsyncDisposable
{
    private readonly ILeases leases;
    private readonly TimeSpan duration;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource lost = new();
    private readonly Task renewing;
    private Lease lease;
    private bool handedOver;

    public HeldLease(ILeases leases, Lease lease, TimeSpan duration, TimeProvider time)
    {
        (this.leases, this.lease, this.duration, this.time) = (leases, lease, duration, time);
        renewing = RenewAsync();
    }

    /// <summary>Cancelled when somebody else has the lease.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>The lease for later steps, renewed once more: it is not given back with this. Null when somebody else has it.</summary>
    public async Task<Lease?> HandOverAsync()
    {
        await stop.CancelAsync();
        await renewing;
        handedOver = true;
        return lost.IsCancellationRequested ? null : await leases.RenewAsync(lease, duration);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await renewing;
        if (!handedOver) await leases.ReleaseAsync(lease);
        stop.Dispose();
        lost.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(duration / 3, time, stop.Token);
                if (await leases.RenewAsync(lease, duration, stop.Token) is not { } renewed)
                {
                    await lost.CancelAsync();
                    return;
                }

                lease = renewed;
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: the step is over.
        }
        catch (IOException)
        {
            // A store that cannot be reached cannot renew either: whoever takes over after the expiry must find us stopped.
            await lost.CancelAsync();
        }
    }
}
