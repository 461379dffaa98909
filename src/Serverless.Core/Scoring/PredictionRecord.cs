namespace Serverless.Scoring;

/// <summary>One answered prediction, as the log keeps it.</summary>
/// <param name="Id">Unique; sorts by time.</param>
/// <param name="Role">champion, challenger, shadow, ...</param>
/// <param name="Inputs">The row as the caller sent it, UTF-8 JSON.</param>
/// <param name="Outputs">As the pipeline gave them.</param>
public readonly record struct PredictionRecord(
    string Id, DateTimeOffset At, string Model, int Version, string Role, string? Subject, ReadOnlyMemory<byte> Inputs, double[] Outputs, string Prediction);

/// <summary>
/// Takes predictions in without delaying the answer, and brings them to <c>predictions/&lt;model&gt;/date=/hour=/*.parquet</c>.
/// A hard crash loses at most one second; a clean stop loses nothing.
/// </summary>
public interface IPredictionLog : IAsyncDisposable
{
    /// <summary>Never blocks and never throws; what cannot be taken is counted in <see cref="Dropped"/>.</summary>
    void Append(in PredictionRecord record);

    long Dropped { get; }

    /// <summary>Everything appended so far is in the store when this returns.</summary>
    Task FlushAsync(CancellationToken cancel = default);
}
