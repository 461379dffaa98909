namespace Serverless.Gating;

/// <summary>Looks for better hyperparameters after the gate refused a candidate (<c>onFailure: tune</c>).</summary>
public interface ITuning
{
    /// <summary>Asks for a search; asking again for the same run asks once.</summary>
    /// <param name="run">The training that was refused.</param>
    Task<TuningAnswer> AskAsync(string model, string run, string reason, CancellationToken cancel = default);
}

/// <param name="Run">The search that was started; null when none was.</param>
/// <param name="Reason">Why, or why not, for a person.</param>
public sealed record TuningAnswer(string? Run, string Reason);

/// <summary>Where nothing can search.</summary>
internal sealed class NoTuning : ITuning
{
    public Task<TuningAnswer> AskAsync(string model, string run, string reason, CancellationToken cancel = default) =>
        Task.FromResult(new TuningAnswer(null, $"no search is configured for '{model}', so nothing is tuned"));
}
