using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Rollouts;

/// <summary>
/// Answers in the dark. Rows wait in a bounded queue, and one thread of its own answers them; what does not fit is left out and counted. A version that throws, has no finite answer or hangs
/// is found out here, when the caller has long had the champion's answer.
/// </summary>
public sealed partial class ShadowAnswers(IPredictionLog log, TimeProvider time, RolloutOptions options, ILogger<ShadowAnswers> logger) : IDisposable
{
    private readonly Channel<ShadowRows> queue = Channel.CreateUnbounded<ShadowRows>(new UnboundedChannelOptions { SingleReader = false });
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private int requests;
    private long bytes;
    private volatile Thread? worker;
    private volatile ServedVariant? asked;
    private long askedAt;

    /// <summary>Copies the rows and returns at once.</summary>
    /// <param name="request">As the champion answered it.</param>
    /// <param name="ids">Of its predictions.</param>
    public void Offer(ServingPlan plan, in Choice choice, ServedModel champion, PredictionRequest request, IReadOnlyList<string> ids, ReadOnlySpan<byte> body)
    {
        var variant = choice.Variant;
        if (variant.Suspended) return;
        EnsureWorker();
        if (Volatile.Read(ref requests) >= options.ShadowQueue || Volatile.Read(ref bytes) + body.Length > options.ShadowBytes)
        {
            for (var i = 0; i < request.Count; i++) variant.Dark!.Drop();
            return;
        }

        var rows = new ShadowRows(plan, choice, champion, request, ids, body, time.GetUtcNow().UtcDateTime);
        Interlocked.Increment(ref requests);
        Interlocked.Add(ref bytes, rows.Length);
        if (!queue.Writer.TryWrite(rows)) Leave(rows);
    }

    /// <summary>Requests that wait to be answered in the dark, or are being answered.</summary>
    public int Waiting => Volatile.Read(ref requests);

    public void Dispose()
    {
        queue.Writer.TryComplete();
        stopping.Cancel();
    }

    private void EnsureWorker()
    {
        if (worker is not null && !Hung()) return;
        lock (gate)
        {
            if (worker is not null && !Hung()) return;
            if (worker is not null && asked is { } hung)
            {
                // A thread that hangs cannot be taken back: it is left to itself, and the version that holds it is asked no more.
                hung.Suspend();
                hung.Dark!.Failed(hung: true);
                asked = null;
            }

            var next = new Thread(Work) { IsBackground = true, Name = "shadow" };
            worker = next;
            next.Start();
        }
    }

    private bool Hung() => asked is not null && time.GetElapsedTime(Volatile.Read(ref askedAt)) > options.ChallengerTimeout;

    private void Work()
    {
        var self = Thread.CurrentThread;
        try
        {
            while (worker == self)
            {
                if (!queue.Reader.TryRead(out var rows))
                {
                    if (!queue.Reader.WaitToReadAsync(stopping.Token).AsTask().GetAwaiter().GetResult()) return;
                    continue;
                }

                try
                {
                    if (!rows.Choice.Variant.Suspended) Answer(rows, self);
                }
                finally
                {
                    Leave(rows);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private void Answer(ShadowRows rows, Thread self)
    {
        var (variant, shadow) = (rows.Choice.Variant, rows.Choice.Variant.Shadow!);
        var scratch = shadow.Rent();
        for (var row = 0; row < rows.Count; row++)
        {
            var began = time.GetTimestamp();
            Volatile.Write(ref askedAt, began);
            asked = variant;
            Exception? thrown = null;
            try
            {
                RequestReader.ReadRow(rows.Sent(row), rows.LookedUp(row), shadow, scratch.Row);
                shadow.Pipeline.Score(scratch.Row, scratch.Features, scratch.Outputs);
            }
            catch (Exception e)
            {
                thrown = e;
            }

            // Given up meanwhile: it was counted as hung, and another thread has its place.
            if (worker != self) return;
            asked = null;
            if (thrown is not null || !AnswerShape.Finite(scratch.Outputs))
            {
                variant.Dark!.Failed();
                LogFailed(thrown, shadow.Name, shadow.Version);
                continue;
            }

            variant.Dark!.Answered(time.GetElapsedTime(began));
            Compare(rows, row, shadow, scratch.Outputs);
            log.Append(new PredictionRecord($"{rows.Ids[row]}-shadow", rows.At, shadow.Name, shadow.Version, RolloutVariant.Shadow, rows.Subject, rows.Sent(row), scratch.Outputs,
                shadow.Answers.Text(scratch.Outputs), lookedUp: rows.LookedUp(row), route: rows.Plan.Note(rows.Choice) with { Variant = RolloutVariant.Challenger }));
        }

        shadow.Return(scratch);
    }

    private static void Compare(ShadowRows rows, int row, ServedModel shadow, ReadOnlySpan<double> outputs)
    {
        var before = rows.Outputs(row);
        var answers = rows.Champion.Answers;
        var (score, dark) = (shadow.Answers.Score(outputs), rows.Choice.Variant.Dark!);
        dark.Scored(score);
        var differs = shadow.Schema.Task == rows.Champion.Schema.Task && shadow.Schema.Task switch
        {
            TaskKind.Binary => answers.IsTrue(before) != shadow.Answers.IsTrue(outputs),
            TaskKind.Multiclass => answers.Classes[answers.Best(before)] != shadow.Answers.Classes[shadow.Answers.Best(outputs)],
            _ => before[0] != outputs[0],
        };
        dark.Compare(differs, Math.Abs(answers.Score(before) - score));
    }

    private void Leave(ShadowRows rows)
    {
        Interlocked.Decrement(ref requests);
        Interlocked.Add(ref bytes, -rows.Length);
        rows.Release();
    }

    [LoggerMessage(7301, LogLevel.Debug, "{Model} version {Version} failed in the dark")]
    private partial void LogFailed(Exception? error, string model, int version);
}
