namespace Serverless.Runs;

/// <summary>Finds runs that nobody will move on, because their message was lost with the process that should have sent it or moved to poison.</summary>
public interface IRunRecovery
{
    /// <summary>Sends a message for each running run that was left alone for longer than <see cref="RunOptions.LostAfter"/>. Returns how many.</summary>
    Task<int> RecoverAsync(CancellationToken cancel = default);
}
