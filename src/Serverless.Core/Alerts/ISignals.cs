namespace Serverless.Alerts;

/// <summary>Takes what was observed. Publishing the same signal twice keeps it once; publishing never waits for anybody to be told.</summary>
public interface ISignals
{
    Task PublishAsync(IReadOnlyList<Signal> signals, CancellationToken cancel = default);

    /// <summary>Signals of the UTC days from <paramref name="from"/> to <paramref name="to"/>, both included, day by day.</summary>
    IAsyncEnumerable<Signal> ReadAsync(DateOnly from, DateOnly to, CancellationToken cancel = default);
}
