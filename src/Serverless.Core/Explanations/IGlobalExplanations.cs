using Serverless.Scoring;

namespace Serverless.Explanations;

/// <summary>What model versions go by in general. Computed when first asked for and kept beside the version, never in a training.</summary>
public interface IGlobalExplanations
{
    /// <summary>What was computed before; null when nobody asked yet.</summary>
    /// <exception cref="Problems.DataException">It is damaged, or a newer version of the program wrote it.</exception>
    Task<GlobalExplanation?> FindAsync(string model, int version, CancellationToken cancel = default);

    /// <summary>Looks, and computes it where it is not there: some seconds.</summary>
    /// <exception cref="Problems.RequestException">So many curves, or curves of such a class, cannot be had.</exception>
    /// <exception cref="Problems.DataException">The version kept no reference rows.</exception>
    Task<GlobalExplanation> OfAsync(IScoringPipeline pipeline, DependenceOptions? options = null, CancellationToken cancel = default);
}
