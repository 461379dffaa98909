using Serverless.Sources;

namespace Serverless.Scheduling;

/// <summary>What brings data in, for hosts with a timer for it. May be called by many at once.</summary>
public interface IInflow
{
    /// <summary>Starts pulls that are due, and looks into landing.</summary>
    Task TickAsync(CancellationToken cancel = default);
}

internal sealed class Inflow(IPullScheduler pulls, ILandingWatcher landing, TimeProvider time) : IInflow
{
    public async Task TickAsync(CancellationToken cancel = default)
    {
        await pulls.TickAsync(time.GetUtcNow(), cancel);
        await landing.TickAsync(cancel);
    }
}
