using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Feedback;

/// <summary>Starts joins: when feedback came, while a rollout wants outcomes, and now and then for predictions that have none. The run's id follows from how far the feedback was joined, so of any number of processes one run comes.</summary>
internal sealed partial class FeedbackScheduler(Workspace workspace, IObjectStore objects, JoinStates states, RolloutRecords rollouts, IRunEngine runs, FeedbackOptions options, ILogger<FeedbackScheduler>? logger = null)
{
    private readonly ILogger log = logger ?? NullLogger<FeedbackScheduler>.Instance;

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        string[] streams = [.. workspace.Models.Keys.Order(StringComparer.Ordinal)];
        foreach (var stream in streams.Length > 1 ? [FeedbackStreams.Unassigned, .. streams] : streams)
        {
            try
            {
                await DecideAsync(stream, now, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                LogSkipped(e, stream); // one model's trouble is not the others'
            }
        }
    }

    private async Task DecideAsync(string stream, DateTimeOffset now, CancellationToken cancel)
    {
        var state = (await states.ReadAsync(stream, cancel)).State;
        if (now - state.JoinedAt < options.JoinEvery) return;
        var reason = await NewFeedback.AnyAsync(objects, stream, state, cancel) ? "new feedback"
            : stream == FeedbackStreams.Unassigned ? state.Waiting.Count > 0 && now - state.JoinedAt >= options.LookEvery ? "feedback waits for its prediction" : null
            : now - state.JoinedAt >= options.RolloutEvery && await rollouts.LastAsync(stream, cancel) is { Record: { Active: true } running } && running.Terms.Kind != Models.RolloutKind.None ? $"outcomes for rollout {running.Id}"
            : now - state.JoinedAt >= options.LookEvery && await AnswersAsync(stream, now, cancel) ? "new predictions" : null;
        if (reason is null) return;
        var slot = new DateTimeOffset(now.UtcTicks - now.UtcTicks % options.JoinEvery.Ticks, TimeSpan.Zero);
        await runs.StartAsync(new FeedbackState { Model = stream, Reason = reason, By = "schedule" }, RunIds.Derived("feedback", slot, stream, state.Revision.ToString(CultureInfo.InvariantCulture)), cancel);
    }

    private async Task<bool> AnswersAsync(string model, DateTimeOffset now, CancellationToken cancel)
    {
        await foreach (var _ in objects.ListAsync(string.Create(CultureInfo.InvariantCulture, $"{StoreNames.Containers.Predictions}/{model}/date={now.UtcDateTime:yyyy-MM-dd}/"), cancel: cancel)) return true;
        return false;
    }

    [LoggerMessage(7401, LogLevel.Error, "The feedback of {Model} could not be looked at this time")]
    private partial void LogSkipped(Exception error, string model);
}
