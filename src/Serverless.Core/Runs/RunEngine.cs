using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Runs;

internal sealed class RunEngine(RunRecords runs, RunSteps steps, RunCatalogue catalogue, IWorkQueue queue, RunOptions options, TimeProvider time, IdSource ids,
    ILogger<RunEngine>? logger = null) : IRunEngine, IRunRecovery
{
    private readonly ILogger log = logger ?? NullLogger<RunEngine>.Instance;

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    public async Task<string> StartAsync<TState>(TState state, string? id = null, CancellationToken cancel = default) where TState : class
    {
        var adapter = catalogue.Of(typeof(TState));
        var now = time.GetUtcNow();
        if (id is not null) RunIds.Check(id, adapter.Kind);
        var run = new RunRecord
        {
            Id = id ?? RunIds.New(adapter.Kind, now, ids), Kind = adapter.Kind, Subject = adapter.Subject(state), State = adapter.Table.Initial, Status = RunStatus.Running, CreatedAt = now, UpdatedAt = now,
            Data = adapter.Write(state),
        };
        var inserted = await runs.InsertAsync(run, cancel).ConfigureAwait(false);
        while (!inserted && id is null)
        {
            run = run with { Id = RunIds.New(adapter.Kind, now, ids) };
            inserted = await runs.InsertAsync(run, cancel).ConfigureAwait(false);
        }

        if (inserted)
        {
            RunLog.Started(log, run.Id, run.Subject);
            RunTelemetry.RunStarted(run.Kind);
            await SendAsync(run.Id, cancel).ConfigureAwait(false);
        }
        else if (await runs.FindAsync(run.Id, cancel).ConfigureAwait(false) is { Record: { Status: RunStatus.Running, Attempt: 0, HeldBy: null } first } && first.State == run.State
            && first.UpdatedAt + options.Hold < now)
        {
            // Whoever started it may have died before the message was sent.
            await SendAsync(run.Id, cancel).ConfigureAwait(false);
        }

        return run.Id;
    }

    public async Task<RunRecord> DriveAsync(string id, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        while (true)
        {
            var run = await runs.FindAsync(id, cancel).ConfigureAwait(false) ?? throw new RequestException($"there is no run '{id}'. 'serverless-ml runs' lists them.");
            if (run.Record.Status != RunStatus.Running) return run.Record;
            if (Wait(run.Record) is { } wait)
            {
                progress?.Report(new RunProgress(run.Record.HeldBy is null ? $"waiting: {run.Record.Reason}" : $"another process is at '{run.Record.State}'", null));
                await Task.Delay(wait < LongestLook ? wait : LongestLook, time, cancel).ConfigureAwait(false);
                continue;
            }

            var move = await steps.TakeAsync(run, inline: true, progress, null, cancel).ConfigureAwait(false);
            if (move is { Fault: { } fault, Run.Record.Status: RunStatus.Running })
            {
                if (fault is EnvironmentException) ExceptionDispatchInfo.Throw(fault);
                await Task.Delay(options.BackoffAfter(move.Run.Record.Failures), time, cancel).ConfigureAwait(false);
            }
        }
    }

    public async Task<bool> WorkOnceAsync(CancellationToken cancel = default)
    {
        var messages = await queue.ReceiveAsync(StoreNames.Queues.Work, 1, options.Hold, cancel).ConfigureAwait(false);
        if (messages.Count == 0) return false;
        var message = messages[0];
        Verdict verdict;
        try
        {
            // A message that cannot be renewed is somebody else's by now; the record's hold still keeps them off the run.
            verdict = await DeliverAsync(message.Body, async () => message = await queue.RenewAsync(message, options.Hold, CancellationToken.None).ConfigureAwait(false) ?? message, cancel)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // A fresh message instead of this one, so that stopping does not use up its deliveries.
            await queue.EnqueueAsync(StoreNames.Queues.Work, message.Body, null, CancellationToken.None).ConfigureAwait(false);
            await queue.CompleteAsync(message, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        switch (verdict.Kind)
        {
            case VerdictKind.Again:
                await queue.EnqueueAsync(StoreNames.Queues.Work, message.Body, verdict.Delay, CancellationToken.None).ConfigureAwait(false);
                break;
            case VerdictKind.Poison:
                await queue.EnqueueAsync(StoreNames.Queues.WorkPoison, message.Body, null, CancellationToken.None).ConfigureAwait(false);
                RunLog.Poison(log, message.Body, verdict.Fault!.Message);
                break;
            case VerdictKind.Redeliver:
                await queue.RenewAsync(message, verdict.Delay, CancellationToken.None).ConfigureAwait(false);
                return true;
        }

        await queue.CompleteAsync(message, CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    public async Task HandleAsync(string messageBody, int deliveries, CancellationToken cancel = default)
    {
        var verdict = await DeliverAsync(messageBody, null, cancel).ConfigureAwait(false);
        if (verdict.Kind == VerdictKind.Again) await queue.EnqueueAsync(StoreNames.Queues.Work, messageBody, verdict.Delay, CancellationToken.None).ConfigureAwait(false);

        // Throwing is how the host is told to deliver again, or after the last time to set the message aside.
        if (verdict.Fault is { } fault) throw new RunStepException(RunMessages.Read(messageBody) ?? messageBody, $"delivery {deliveries}: {fault.Message}", fault);
    }

    public async Task<RunRecord?> FindAsync(string id, CancellationToken cancel = default) => (await runs.FindAsync(id, cancel).ConfigureAwait(false))?.Record;

    public async IAsyncEnumerable<RunRecord> ListAsync(string? kind = null, string? subject = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var kinds = new List<string>();
        if (kind is not null) kinds.Add(kind);
        else await foreach (var k in runs.KindsAsync(cancel).ConfigureAwait(false)) kinds.Add(k);

        var found = new List<RunRecord>();
        foreach (var k in kinds)
        {
            await foreach (var run in runs.OfKindAsync(k, null, cancel).ConfigureAwait(false))
            {
                if (subject is null || run.Record.Subject == subject) found.Add(run.Record);
            }
        }

        foreach (var run in found.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id, StringComparer.Ordinal)) yield return run;
    }

    public async Task<int> RecoverAsync(CancellationToken cancel = default)
    {
        var now = time.GetUtcNow();
        var count = 0;
        foreach (var kind in catalogue.Kinds)
        {
            await foreach (var run in runs.OfKindAsync(kind, RunIds.Prefix(kind, now - options.RecoverWithin), cancel).ConfigureAwait(false))
            {
                var record = run.Record;
                var quietSince = new[] { record.UpdatedAt, record.HeldUntil ?? record.UpdatedAt, record.NotBefore ?? record.UpdatedAt }.Max();
                if (record.Status != RunStatus.Running || quietSince + options.LostAfter > now) continue;

                // Sent first: if the touch is lost, the worst is a message too many.
                await SendAsync(record.Id, cancel).ConfigureAwait(false);
                await runs.ReplaceAsync(run, record with { UpdatedAt = now }, cancel).ConfigureAwait(false);
                RunLog.Recovered(log, record.Id, record.State);
                count++;
            }
        }

        return count;
    }

    private async Task<Verdict> DeliverAsync(string body, Func<Task>? renewMessage, CancellationToken cancel)
    {
        if (RunMessages.Read(body) is not { } id || await FindKnownAsync(id, cancel).ConfigureAwait(false) is not { } found)
        {
            return new Verdict(VerdictKind.Poison, Fault: new RequestException("it names no run that exists"));
        }

        if (found.Run is not { } run) return new Verdict(VerdictKind.Redeliver, options.Hold, found.Fault);
        if (run.Record.Status != RunStatus.Running) return new Verdict(VerdictKind.Done);
        if (Wait(run.Record) is { } wait) return new Verdict(VerdictKind.Again, wait);

        Move move;
        try
        {
            move = await steps.TakeAsync(run, inline: false, null, renewMessage, cancel).ConfigureAwait(false);
        }
        catch (UnknownRunException e)
        {
            RunLog.NotOurs(log, id, e.Message);
            return new Verdict(VerdictKind.Redeliver, options.Hold, e);
        }

        return move switch
        {
            // Somebody else has it. The message stays alive all the same: the other may be a person's command line, which sends none and may be stopped.
            { Run: null } => new Verdict(VerdictKind.Again, options.Hold),
            { Run.Record: { Status: RunStatus.Running } next, Fault: null } => new Verdict(VerdictKind.Again, Wait(next) ?? TimeSpan.Zero),
            { Run.Record: { Status: RunStatus.Running } next, Fault: { } fault } => new Verdict(VerdictKind.Redeliver, options.BackoffAfter(next.Failures), fault),
            { Run.Record.Failures: var failures, Fault: { } fault } when failures >= options.MaxFailures => new Verdict(VerdictKind.Poison, Fault: fault),
            _ => new Verdict(VerdictKind.Done),
        };
    }

    /// <summary>Null when there is no such run; a fault when it is there and cannot be read by this version.</summary>
    private async Task<(StoredRun? Run, Exception? Fault)?> FindKnownAsync(string id, CancellationToken cancel)
    {
        try
        {
            return await runs.FindAsync(id, cancel).ConfigureAwait(false) is { } run ? (run, null) : null;
        }
        catch (UnknownRunException e)
        {
            RunLog.NotOurs(log, id, e.Message);
            return (null, e);
        }
    }

    /// <summary>How long the run must be left alone, or null when it may be moved now.</summary>
    private TimeSpan? Wait(RunRecord run)
    {
        var until = run.HeldUntil > (run.NotBefore ?? DateTimeOffset.MinValue) ? run.HeldUntil : run.NotBefore;
        return until is { } then && then - time.GetUtcNow() is var left && left > TimeSpan.Zero ? (left < QueueRule.MaxTime ? left : QueueRule.MaxTime) : null;
    }

    private Task SendAsync(string id, CancellationToken cancel) => queue.EnqueueAsync(StoreNames.Queues.Work, RunMessages.Write(id), null, cancel);

    private enum VerdictKind { Done, Again, Redeliver, Poison }

    private sealed record Verdict(VerdictKind Kind, TimeSpan Delay = default, Exception? Fault = null);
}
