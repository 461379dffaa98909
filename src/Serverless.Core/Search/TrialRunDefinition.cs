using Serverless.Runs;

namespace Serverless.Search;

/// <summary>One trial. Its first step may be repeated: it stores nothing but what it found, with the run. Its second begins what is due after it, so that workers never wait for the search to look.</summary>
internal sealed class TrialRunDefinition(TrialJudge judge, SearchDefinitions definitions, SearchConductor conductor, TimeProvider time) : IRunDefinition<TrialState>
{
    // Longest wait that a timer takes.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private static readonly TrialReport Stopped = new() { Metrics = new Dictionary<string, double>(), Stopped = true };

    public string Kind => TrialRecords.Kind;

    /// <summary>A failed trial is an answer to the search, and no one else's concern.</summary>
    public bool Announces => false;

    public string Subject(TrialState state) => state.Model;

    public IReadOnlyList<Transition<TrialState>> Transitions => [new("queued", "judged", JudgeAsync), new("judged", "done", EndAsync)];

    private async Task<Step<TrialState>> JudgeAsync(RunContext<TrialState> context, CancellationToken cancel)
    {
        var state = context.State;
        var left = state.Deadline - time.GetUtcNow();
        if (left <= TimeSpan.Zero) return Step<TrialState>.Next(state with { Report = Stopped });
        var workspace = await definitions.OfAsync(state.Search, cancel);
        using var limit = new CancellationTokenSource(left is null ? Timeout.InfiniteTimeSpan : left.Value < Longest ? left.Value : Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            return Step<TrialState>.Next(state with { Report = await judge.JudgeAsync(state, workspace, context.Progress, either.Token) });
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return Step<TrialState>.Next(state with { Report = Stopped });
        }
    }

    private async Task<Step<TrialState>> EndAsync(RunContext<TrialState> context, CancellationToken cancel)
    {
        await conductor.AdvanceAsync(context.State.Search, cancel);
        return context.State.Report switch
        {
            { Stopped: true } => Step<TrialState>.End(context.State, "the search's time was up"),
            { Failure: { } why } => Step<TrialState>.Fail(context.State, why),
            _ => Step<TrialState>.Next(context.State),
        };
    }
}
