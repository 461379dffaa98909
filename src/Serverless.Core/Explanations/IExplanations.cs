using Serverless.Scoring;

namespace Serverless.Explanations;

/// <summary>Explanations of model versions: prepared when first asked for, kept as long as the version is loaded. Nothing of it runs for requests that do not ask.</summary>
public interface IExplanations
{
    /// <summary>Languages of sentences.</summary>
    IReadOnlyList<string> Languages { get; }

    /// <summary>Names of methods, <c>auto</c> among them.</summary>
    IReadOnlyList<string> Methods { get; }

    /// <summary>The explainer of a loaded version, with its background read from the version's reference rows.</summary>
    Task<ModelExplainer> OfAsync(IScoringPipeline pipeline, CancellationToken cancel = default);
}
