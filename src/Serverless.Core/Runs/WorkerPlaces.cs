namespace Serverless.Runs;

/// <summary>
/// Steps that wait for somebody else (a source that answers slowly) would keep a worker from other runs. Such a step leaves its place, and the host lets a substitute work
/// there until it comes back. Where no host gives places (the command line drives its own run), leaving is nothing.
/// </summary>
internal sealed class WorkerPlaces
{
    private readonly AsyncLocal<Func<IDisposable?>?> substitute = new();

    /// <summary>For hosts: what happens while a step of this worker is away.</summary>
    public void Give(Func<IDisposable?> begin) => substitute.Value = begin;

    /// <summary>Away until disposed.</summary>
    public IDisposable? Leave() => substitute.Value?.Invoke();
}
