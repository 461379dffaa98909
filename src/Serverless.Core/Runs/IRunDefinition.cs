namespace Serverless.Runs;

/// <summary>
/// One walk along part of the data's path, as a persisted state machine: a record with an ETag, moved from state to state by steps that may be repeated.
/// The engine loads the record, runs the step for its state, replaces the record by compare-and-swap and sends the next message; if it dies anywhere, the message
/// comes back and the step finds its own work done. Definitions are singletons.
/// </summary>
/// <typeparam name="TState">What the run remembers: a sealed record that System.Text.Json can write. Ids and figures, no data.</typeparam>
public interface IRunDefinition<TState> where TState : class
{
    /// <summary><c>ingest</c>, <c>train</c>, <c>score</c>: also the first part of a run's id.</summary>
    string Kind { get; }

    /// <summary>Whether people may have to know that a run of this kind failed; else only whoever started it hears of it.</summary>
    bool Announces => true;

    /// <summary>The dataset or model that the run is about, for listings.</summary>
    string Subject(TState state);

    IReadOnlyList<Transition<TState>> Transitions { get; }
}

/// <summary>From a state to the next by a step. The first transition's <paramref name="From"/> is where a run begins; a state without a transition is an end.</summary>
public sealed record Transition<TState>(string From, string To, Func<RunContext<TState>, CancellationToken, Task<Step<TState>>> StepAsync) where TState : class;

/// <summary>What a step sees.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="State">As the record holds it.</param>
/// <param name="Attempt">1, 2, ...: how often this step was begun.</param>
/// <param name="Progress">Share of this step that is done, 0 to 1, and a word for people; null when nobody watches.</param>
public sealed record RunContext<TState>(string RunId, TState State, int Attempt, IProgress<RunProgress>? Progress) where TState : class
{
    /// <summary>When the run was asked for: the same at every attempt and in every process.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <param name="Fraction">0 to 1 within the step; null when unknown.</param>
public sealed record RunProgress(string Activity, double? Fraction);

/// <summary>What a step asks for next.</summary>
public sealed record Step<TState> where TState : class
{
    private Step() { }

    public required StepKind Kind { get; init; }

    public TState? State { get; init; }

    public TimeSpan Delay { get; init; }

    public string? Reason { get; init; }

    /// <summary>Go to the transition's target.</summary>
    public static Step<TState> Next(TState state) => new() { Kind = StepKind.Next, State = state };

    /// <summary>Stay in this state and try again after a while: waiting is a value, not an exception.</summary>
    public static Step<TState> Later(TState state, TimeSpan delay, string reason) => new() { Kind = StepKind.Later, State = state, Delay = delay, Reason = reason };

    /// <summary>End here with an answer that is not a fault: a rejected drop, a refused model.</summary>
    public static Step<TState> End(TState state, string reason) => new() { Kind = StepKind.End, State = state, Reason = reason };

    /// <summary>End here as failed: bad data or configuration that no retry mends.</summary>
    public static Step<TState> Fail(TState state, string reason) => new() { Kind = StepKind.Fail, State = state, Reason = reason };
}

public enum StepKind { Next, Later, End, Fail }
