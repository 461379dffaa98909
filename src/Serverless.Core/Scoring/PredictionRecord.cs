namespace Serverless.Scoring;

/// <summary>One answered prediction, as it is handed to the log. The log copies what it keeps before <see cref="IPredictionLog.Append"/> returns.</summary>
/// <param name="id">Unique; sorts by time.</param>
/// <param name="role">champion, challenger, shadow, ...</param>
/// <param name="inputs">The row as the caller sent it, UTF-8 JSON.</param>
/// <param name="outputs">As the pipeline gave them.</param>
/// <param name="notes">What the answer said about the data behind the model; null when there was nothing to say.</param>
/// <param name="protocol">How the caller asked: one of <see cref="Scoring.Protocol"/>.</param>
/// <param name="key">The caller's own name for the prediction; null when it gave none.</param>
/// <param name="route">Which rollout chose the version, and why.</param>
public readonly ref struct PredictionRecord(
    string id, DateTime at, string model, int version, string role, string? subject, ReadOnlySpan<byte> inputs, ReadOnlySpan<double> outputs, string prediction, string? notes = null,
    Protocol protocol = Protocol.Rows, string? key = null, Rollouts.RouteNote route = default)
{
    public string Id { get; } = id;

    /// <summary>UTC.</summary>
    public DateTime At { get; } = at;

    public string Model { get; } = model;

    public int Version { get; } = version;

    public string Role { get; } = role;

    public string? Subject { get; } = subject;

    public ReadOnlySpan<byte> Inputs { get; } = inputs;

    public ReadOnlySpan<double> Outputs { get; } = outputs;

    public string Prediction { get; } = prediction;

    public string? Notes { get; } = notes;

    public Protocol Protocol { get; } = protocol;

    public string? Key { get; } = key;

    /// <summary>Which rollout chose the version, and why; empty where none did.</summary>
    public Rollouts.RouteNote Route { get; } = route;
}

/// <summary>
/// Takes predictions in without delaying the answer, and brings them to <c>predictions/&lt;model&gt;/date=/hour=/*.parquet</c>.
/// A hard crash loses at most one second; a clean stop loses nothing.
/// </summary>
public interface IPredictionLog : IAsyncDisposable
{
    /// <summary>Never blocks on input or output and never throws; what cannot be taken is counted in <see cref="Dropped"/>.</summary>
    void Append(in PredictionRecord record);

    /// <summary>Predictions that were answered but could not be kept, since the process began.</summary>
    long Dropped { get; }

    /// <summary>Everything appended so far is in the store when this returns. Throws nothing: what cannot be stored stays, and is tried again.</summary>
    Task FlushAsync(CancellationToken cancel = default);
}

/// <summary>Writes predictions in an open format (Parquet).</summary>
public interface IPredictionFormat
{
    /// <summary>File extension with its dot.</summary>
    string Extension { get; }

    Task WriteAsync(PredictionBatch batch, Stream stream, CancellationToken cancel = default);
}
