using Serverless.Problems;
using Serverless.Runs;

namespace Serverless.Scoring;

/// <summary>One part of a batch, as a run of its own: whichever worker gets its message scores it.</summary>
public sealed record ScorePartState
{
    /// <summary>The score run.</summary>
    public required string Run { get; init; }

    /// <summary>From 0.</summary>
    public required int Part { get; init; }

    /// <summary>When the score run was asked for.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What the score run had fixed when it was cut.</summary>
    public required ScoreState Batch { get; init; }

    public PartReport? Report { get; init; }
}

internal sealed class ScorePartRun(PartScorer scorer, BatchPartsStore parts) : IRunDefinition<ScorePartState>
{
    public const string Name = "score-part";

    public string Kind => Name;

    /// <summary>The score run tells of it.</summary>
    public bool Announces => false;

    public string Subject(ScorePartState state) => state.Batch.Model;

    public IReadOnlyList<Transition<ScorePartState>> Transitions => [new("queued", "done", ScoreAsync)];

    private async Task<Step<ScorePartState>> ScoreAsync(RunContext<ScorePartState> context, CancellationToken cancel)
    {
        var state = context.State;
        try
        {
            var part = (await parts.ReadAsync(state.Run, cancel)).Parts[state.Part];
            return Step<ScorePartState>.Next(state with { Report = await scorer.ScoreAsync(state.Run, state.Batch, part, state.Part, state.At, null, cancel) });
        }
        catch (Exception e) when (e is DataException or RequestException)
        {
            return Step<ScorePartState>.Fail(state, e.Message);
        }
    }
}
