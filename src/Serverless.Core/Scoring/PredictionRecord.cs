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
/// <param name="lookedUp">Values that the caller did not give and that were looked up, a UTF-8 JSON object; empty when none were. With <paramref name="inputs"/> it is all that the version read.</param>
/// <param name="segment">The segment of the model that the row fell into; null where the model has none.</param>
/// <param name="outlier">How unusual the row is; default = not asked.</param>
public readonly ref struct PredictionRecord(
    string id, DateTime at, string model, int version, string role, string? subject, ReadOnlySpan<byte> inputs, ReadOnlySpan<double> outputs, string prediction, string? notes = null,
    Protocol protocol = Protocol.Rows, string? key = null, Rollouts.RouteNote route = default, ReadOnlySpan<byte> lookedUp = default,
    string? segment = null, OutlierNote outlier = default)
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

    public ReadOnlySpan<byte> LookedUp { get; } = lookedUp;

    public string? Segment { get; } = segment;

    public OutlierNote Outlier { get; } = outlier;
}

/// <summary>What the record of a prediction says about how unusual its row is. Default = the version was not asked.</summary>
/// <param name="Score">Greater is more unusual; above <see cref="Threshold"/>, or with a reason, the row counts as an outlier. NaN where no score was computed.</param>
/// <param name="Reasons">Why, a JSON array of texts; null = it is no outlier.</param>
public readonly record struct OutlierNote(bool Asked, double Score, double Threshold, string? Reasons)
{
    public bool IsOutlier => Reasons is not null;
}

/// <summary>
/// Takes predictions in and brings them to <c>predictions/&lt;model&gt;/date=/hour=/*.parquet</c>. Of a buffered model (the default) the answer does not wait: a hard crash loses at most one second,
/// a clean stop nothing. Of a durable one it waits until the record is stored.
/// </summary>
public interface IPredictionLog : IAsyncDisposable
{
    /// <summary>Never blocks on input or output and never throws; what cannot be taken is counted in <see cref="Dropped"/>.</summary>
    /// <returns>
    /// Of a buffered model completed already. Of a durable one it completes when the record is stored, together with those of other requests, and fails with <see cref="NotLoggedException"/> when
    /// it is not: nothing may be answered then.
    /// </returns>
    Task Append(in PredictionRecord record);

    /// <summary>Predictions that could not be kept, since the process began: of buffered models they were answered, of durable ones refused.</summary>
    long Dropped { get; }

    /// <summary>Everything appended so far is in the store when this returns. Throws nothing: what cannot be stored stays, and is tried again.</summary>
    Task FlushAsync(CancellationToken cancel = default);
}

/// <summary>The store did not take the record of a prediction whose model has <c>predictionLog: durable</c>.</summary>
public sealed class NotLoggedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Writes predictions in an open format (Parquet).</summary>
public interface IPredictionFormat
{
    /// <summary>File extension with its dot.</summary>
    string Extension { get; }

    Task WriteAsync(PredictionBatch batch, Stream stream, CancellationToken cancel = default);
}
