using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Runs;

/// <summary>How one attempt to move a run ended.</summary>
/// <param name="Run">The run as stored after it; null when somebody else moved it.</param>
/// <param name="Fault">What went wrong, where another attempt may mend it or where it ended the run.</param>
internal sealed record Move(StoredRun? Run, Exception? Fault = null);

/// <summary>Takes one step of a run: hold it, run the step, replace the record. All of it may be repeated.</summary>
internal sealed class RunSteps(RunRecords runs, RunCatalogue catalogue, RunOptions options, TimeProvider time, IdSource ids, ILogger<RunEngine>? logger = null, RunSignals? signals = null)
{
    private readonly ILogger log = logger ?? NullLogger<RunEngine>.Instance;

    /// <summary>Throws <see cref="UnknownRunException"/> for a kind or state that this process does not know; the run is left as it is.</summary>
    /// <param name="inline">A person waits: a fault of this machine (disk full) is theirs to see, and not counted against the run.</param>
    public async Task<Move> TakeAsync(StoredRun run, bool inline, IProgress<RunProgress>? progress, Func<Task>? renewMessage, CancellationToken cancel)
    {
        var adapter = Adapter(run.Record);
        if (run.Record.Failures >= options.MaxFailures) return await GiveUpAsync(run, cancel).ConfigureAwait(false);

        var now = time.GetUtcNow();
        var held = run.Record with
        {
            Attempt = run.Record.Attempt + 1,
            Failures = run.Record.Failures + 1,
            HeldBy = ids.Next(10),
            HeldUntil = now + options.Hold,
            NotBefore = null,
            UpdatedAt = now,
        };
        if (await runs.ReplaceAsync(run, held, cancel).ConfigureAwait(false) is not { } begun)
        {
            RunLog.Lost(log, run.Record.Id);
            return new Move(null);
        }

        using var heartbeat = new Heartbeat(begun, runs, options, time, renewMessage, log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, heartbeat.Lost);
        using var activity = RunTelemetry.Step(held);
        var from = time.GetTimestamp();
        RunRecord after;
        Exception? fault = null;
        try
        {
            var outcome = await adapter.StepAsync(held, progress, stop.Token).ConfigureAwait(false);
            after = Settle(adapter, held, outcome, time.GetElapsedTime(from), inline);
        }
        catch (OperationCanceledException) when (heartbeat.Lost.IsCancellationRequested)
        {
            await heartbeat.StopAsync().ConfigureAwait(false);
            RunLog.Lost(log, held.Id);
            return new Move(null);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Stopped on purpose is no failure: the run is as before, free for anybody.
            await heartbeat.StopAsync().ConfigureAwait(false);
            await runs.ReplaceAsync(heartbeat.Run, run.Record with { UpdatedAt = time.GetUtcNow(), HeldBy = null, HeldUntil = null }, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            after = Fault(held, e, inline);
            fault = after.NotBefore is null ? e : null; // waiting is not a fault
        }

        await heartbeat.StopAsync().ConfigureAwait(false);
        RunTelemetry.StepTaken(held, time.GetElapsedTime(from));

        // Not cancelled: the step's work is done and should be kept.
        var stored = await runs.ReplaceAsync(heartbeat.Run, after, CancellationToken.None).ConfigureAwait(false);
        if (stored is null) RunLog.Lost(log, held.Id);
        else if (after.Status != RunStatus.Running) await EndedAsync(after).ConfigureAwait(false);
        return new Move(stored, fault);
    }

    /// <summary>Ends a run as failed, with what is known.</summary>
    private async Task<Move> GiveUpAsync(StoredRun run, CancellationToken cancel)
    {
        var record = run.Record;
        var why = record.Reason is null ? "the process ended each time" : record.Reason;
        var failed = Free(record) with { Status = RunStatus.Failed, Reason = $"state '{record.State}' was begun {record.Failures} times and came to nothing; the last time: {why}" };
        RunLog.Failed(log, record.Id, record.State, failed.Reason);
        var stored = await runs.ReplaceAsync(run, failed, cancel).ConfigureAwait(false);
        if (stored is not null) await EndedAsync(failed).ConfigureAwait(false);
        return new Move(stored, new RunStepException(record.Id, failed.Reason!));
    }

    private async Task EndedAsync(RunRecord run)
    {
        RunTelemetry.RunEnded(run);
        if (signals is not null && catalogue.Find(run.Kind) is { Announces: true }) await signals.EndedAsync(run).ConfigureAwait(false);
    }

    private IRunAdapter Adapter(RunRecord run)
    {
        var adapter = catalogue.Find(run.Kind) ?? throw new UnknownRunException(run.Id,
            $"run '{run.Id}' is of kind '{run.Kind}', which this process does not know (it knows: {string.Join(", ", catalogue.Kinds.Order(StringComparer.Ordinal))}).");
        adapter.Check(run);
        return adapter;
    }

    private RunRecord Settle(IRunAdapter adapter, RunRecord held, StepOutcome outcome, TimeSpan took, bool inline)
    {
        var after = Free(held) with { Data = outcome.Data, Failures = 0, Reason = outcome.Reason };
        switch (outcome.Kind)
        {
            case StepKind.Next:
                adapter.Table.Check(held.Id, held.State, outcome.To);
                RunLog.Moved(log, held.Id, held.State, outcome.To, took.TotalSeconds);
                return after with { State = outcome.To, Attempt = 0, Status = adapter.Table.IsEnd(outcome.To) ? RunStatus.Done : RunStatus.Running };
            case StepKind.Later:
                RunLog.Waits(log, held.Id, held.State, outcome.Delay, outcome.Reason);
                return after with { NotBefore = time.GetUtcNow() + outcome.Delay };
            case StepKind.End:
                RunLog.Refused(log, held.Id, held.State, outcome.Reason);
                return after with { Status = RunStatus.Refused };
            default:
                Failed(held, outcome.Reason, inline);
                return after with { Status = RunStatus.Failed };
        }
    }

    private RunRecord Fault(RunRecord held, Exception e, bool inline)
    {
        if (e is EnvironmentException && (inline || held.Attempt < options.MendAttempts))
        {
            // The run is not to blame and nothing of it is lost: whoever waits for it is told, a worker tries again until somebody made room.
            if (!inline) RunLog.Faulted(log, held.Id, held.State, held.Attempt, e);
            return Free(held) with { Reason = e.Message, Failures = held.Failures - 1, NotBefore = inline ? null : time.GetUtcNow() + options.MendAfter(held.Attempt) };
        }

        var hopeless = e is DataException or RequestException or ConfigurationException or InvalidTransitionException;
        if (hopeless || held.Failures >= options.MaxFailures)
        {
            var reason = hopeless ? e.Message : $"failed {held.Failures} times in state '{held.State}'; the last time: {e.Message}";
            Failed(held, reason, inline);
            return Free(held) with { Status = RunStatus.Failed, Reason = reason, Fault = e.GetType().Name };
        }

        RunLog.Faulted(log, held.Id, held.State, held.Failures, e);
        return Free(held) with { Reason = e.Message };
    }

    /// <summary>An error in the log of a worker; where a person waits, the command that asked for the run says it, once.</summary>
    private void Failed(RunRecord held, string? reason, bool inline)
    {
        if (inline) RunLog.FailedBeforeEyes(log, held.Id, held.State, reason);
        else RunLog.Failed(log, held.Id, held.State, reason);
    }

    private RunRecord Free(RunRecord run) => run with { HeldBy = null, HeldUntil = null, NotBefore = null, UpdatedAt = time.GetUtcNow() };
}
