namespace Serverless.Rollouts;

/// <summary>Follows the flags beside rollouts. Told by the one loop that reads them, so that a store of flags is asked once.</summary>
public interface IFlagsListener
{
    /// <summary>At every look: with the same set while nothing has changed, because what a flag means may hang on the time. What it throws is logged.</summary>
    Task SeenAsync(FlagSet flags, CancellationToken cancel = default);
}
