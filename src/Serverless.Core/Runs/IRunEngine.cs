using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Runs;

/// <summary>Starts runs and moves them on. Any number of processes may share one store.</summary>
public interface IRunEngine
{
    /// <summary>
    /// Creates the run's record and sends its first message. With <paramref name="id"/> given (of the same form; see <see cref="RunIds"/>), starting
    /// twice is the same as starting once. Returns the id: <c>kind-yyyyMMddHHmmss-xxxxxx</c>.
    /// </summary>
    Task<string> StartAsync<TState>(TState state, string? id = null, CancellationToken cancel = default) where TState : class;

    /// <summary>
    /// Drives a run in this process until it ends, without waiting for a worker; where another process runs a step of it, waits for that. Returns the finished
    /// record, also when the run failed (see its reason). Cancelling leaves the run as it was before the step, for anybody to resume. Throws
    /// <see cref="Problems.EnvironmentException"/> (disk full, ...) at once, leaving the run resumable too.
    /// </summary>
    Task<RunRecord> DriveAsync(string id, IProgress<RunProgress>? progress = null, CancellationToken cancel = default);

    /// <summary>Receives at most one message from the work queue and moves its run one step. False when there was none.</summary>
    Task<bool> WorkOnceAsync(CancellationToken cancel = default);

    /// <summary>Moves the run that a queue message names one step; for hosts that receive messages themselves (Functions).</summary>
    Task HandleAsync(string messageBody, int deliveries, CancellationToken cancel = default);

    Task<RunRecord?> FindAsync(string id, CancellationToken cancel = default);

    /// <summary>Runs of a kind (null = all), newest first.</summary>
    IAsyncEnumerable<RunRecord> ListAsync(string? kind = null, string? subject = null, CancellationToken cancel = default);
}

/// <summary>A run as it is stored.</summary>
public sealed record RunRecord
{
    public int SchemaVersion { get; init; } = 1;

    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Subject { get; init; }

    /// <summary>Name of the state in the definition's table.</summary>
    public required string State { get; init; }

    public required RunStatus Status { get; init; }

    public string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How often the present step was begun, waiting included.</summary>
    public int Attempt { get; init; }

    /// <summary>How often in a row the present step was begun and came to nothing (a fault, or the process died).</summary>
    public int Failures { get; init; }

    /// <summary>What kind of fault ended the run: the exception's name; null otherwise.</summary>
    public string? Fault { get; init; }

    /// <summary>Who runs a step now; others leave the run alone until <see cref="HeldUntil"/>.</summary>
    public string? HeldBy { get; init; }

    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>The run waits until then (<see cref="Step{TState}.Later"/>).</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The definition's state, as JSON.</summary>
    public required JsonElement Data { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    [JsonStringEnumMemberName("running")] Running,
    [JsonStringEnumMemberName("done")] Done,

    /// <summary>Ended with a "no" that is not a fault.</summary>
    [JsonStringEnumMemberName("refused")] Refused,

    [JsonStringEnumMemberName("failed")] Failed,
}
