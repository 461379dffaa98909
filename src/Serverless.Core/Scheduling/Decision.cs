using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Scheduling;

/// <summary>Whether a model was to be trained, and why or why not. Kept in table <c>decisions</c>; a "no" is kept like a "yes".</summary>
public sealed record Decision
{
    public int SchemaVersion { get; init; } = 1;

    public required string Model { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>What it was about.</summary>
    public required DecisionCause Cause { get; init; }

    public required bool Train { get; init; }

    public required string Reason { get; init; }

    /// <summary>The run that was started.</summary>
    public string? Run { get; init; }

    /// <summary>Causes as they are written: <c>new-data</c>.</summary>
    public static IReadOnlyList<string> Causes { get; } = [.. Enum.GetValues<DecisionCause>().Select(Word)];

    /// <summary>Null when there is no such cause.</summary>
    public static DecisionCause? CauseOf(string word) => Enum.GetValues<DecisionCause>().Where(c => Word(c) == word).Select(c => (DecisionCause?)c).FirstOrDefault();

    private static string Word(DecisionCause cause) => JsonNamingPolicy.KebabCaseLower.ConvertName(cause.ToString());
}

[JsonConverter(typeof(JsonStringEnumConverter<DecisionCause>))]
public enum DecisionCause
{
    [JsonStringEnumMemberName("schedule")] Schedule,
    [JsonStringEnumMemberName("new-data")] NewData,
    [JsonStringEnumMemberName("drift")] Drift,
    [JsonStringEnumMemberName("feedback")] Feedback,
    [JsonStringEnumMemberName("gate")] Gate,
}

/// <summary>Reads what was decided.</summary>
public interface IDecisions
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<Decision>> ListAsync(string model, CancellationToken cancel = default);
}

/// <summary>The part of the background work that hosts with timers of their own (Functions) call; every call may be repeated and made by many at once.</summary>
public interface IScheduler
{
    /// <summary>Decides about monitoring and retraining for every model, starting what is to be started, and now and then sends messages for runs that lost theirs.</summary>
    Task TickAsync(DateTimeOffset now, CancellationToken cancel = default);
}

/// <summary>Finds drops.</summary>
public interface ILandingWatcher
{
    /// <summary>Takes files that rest in the workspace's inbox folder into landing, and accepts every object of landing that was not accepted yet. Returns the runs that it knows to have begun.</summary>
    Task<IReadOnlyList<string>> TickAsync(CancellationToken cancel = default);
}
