namespace Serverless.Storage;

/// <summary>
/// A right that one holder has for a while, kept in a record and moved by compare-and-swap, so it behaves alike on every store. The fencing token grows with
/// each acquisition: a holder that slept past its expiry can be told from the present one. Clocks of holders should agree within a few seconds.
/// </summary>
public interface ILeases
{
    /// <summary>The lease, or null when somebody else holds it.</summary>
    Task<Lease?> TryAcquireAsync(string purpose, string name, TimeSpan duration, CancellationToken cancel = default);

    /// <summary>The lease extended from now, or null when it was lost.</summary>
    Task<Lease?> RenewAsync(Lease lease, TimeSpan duration, CancellationToken cancel = default);

    /// <summary>Gives the lease back. Does nothing when it was lost.</summary>
    Task ReleaseAsync(Lease lease, CancellationToken cancel = default);
}

/// <param name="Token">Fencing token, strictly increasing for each name.</param>
public sealed record Lease(string Purpose, string Name, string Holder, long Token, DateTimeOffset Expires, string ETag);
