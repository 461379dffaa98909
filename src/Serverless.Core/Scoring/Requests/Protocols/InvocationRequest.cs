namespace Serverless.Scoring;

/// <summary>What a scoring request of MLflow says beside its rows.</summary>
public sealed class InvocationRequest
{
    /// <summary>Shares of the classes are wanted instead of predictions: <c>"params": {"predict_method": "predict_proba"}</c>, as MLflow's sklearn flavour takes it.</summary>
    public bool Probabilities { get; internal set; }

    /// <summary>A new request, which says nothing yet.</summary>
    public void Begin() => Probabilities = false;
}
