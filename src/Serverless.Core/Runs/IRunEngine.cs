using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Runs;

/// <summary>Starts runs and moves them on. Any number of processes may share one store.</summary>
public interface IRunEngine
{
    /// <summary>
    /// Creates the run's record and sends its first message. With <paramref name="id"/> given, starting twice is the same as starting once.
    /// Returns the id: <c>kind-yyyyMMddHHmmss-xxxxxx</c>.
    /// </summary>
    Task<string> StartAsync<TState>(TState state, string? id = null, CancellationToken cancel = default) where TState : class;

    /// <summary>Drives a run in this process until it ends, without waiting for a worker. Returns the finished record.</summary>
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

    /// <summary>How often the present step was begun.</summary>
    public int Attempt { get; init; }

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
