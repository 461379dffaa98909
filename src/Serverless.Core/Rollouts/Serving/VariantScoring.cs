using System.Collections.Concurrent;
using Serverless.Scoring;

namespace Serverless.Rollouts;

/// <summary>Reads and scores a body of some protocol: <see cref="RequestReader.Read"/> is one.</summary>
public delegate void RowsReader(ReadOnlySpan<byte> body, ServedModel model, PredictionRequest request, RequestLimits limits);

/// <summary>
/// Asks a variant that is not the champion. It works on a copy of the body and on another thread, so that a version that throws, hangs or has no finite answer costs the caller nothing but
/// time: the champion answers then.
/// </summary>
public sealed class VariantScoring(RequestLimits limits, TimeProvider time, RolloutOptions options)
{
    private readonly ConcurrentBag<PredictionRequest> free = [];

    /// <summary>Puts the question on a copy of the body; the caller goes on.</summary>
    public VariantCall Begin(in Choice choice, ReadOnlySpan<byte> body, RowsReader read)
    {
        var call = new VariantCall(choice, body, read, limits, free.TryTake(out var kept) ? kept : new PredictionRequest(), time.GetTimestamp());
        if (call.Queued) ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: true);
        return call;
    }

    /// <summary>The scored request, to be given back by <see cref="Return"/>; null = the champion has to answer, for the reason of the choice that comes with it.</summary>
    public async ValueTask<(PredictionRequest? Request, Choice Choice)> EndAsync(VariantCall call, CancellationToken cancel)
    {
        var choice = call.Choice;
        var variant = choice.Variant;
        if (!call.Queued) return (null, choice.Because(AssignmentReason.FellBackSuspended));
        try
        {
            // Large bodies take longer for good reasons.
            await call.Ended.WaitAsync(options.ChallengerTimeout + TimeSpan.FromSeconds(call.Length / 1_000_000), time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            variant.Suspend();
            variant.Counters.Failed(hung: true);
            return (null, choice.Because(AssignmentReason.FellBackTooSlow));
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (Exception)
        {
            variant.Counters.Failed();
            return (null, choice.Because(AssignmentReason.FellBackError));
        }

        var request = call.Request;
        if (request.Errors is null && !request.TooManyRows)
        {
            variant.Counters.Answered(time.GetElapsedTime(call.Began));
            for (var i = 0; i < request.Count; i++) variant.Counters.Scored(variant.Model!.Answers.Score(request.Outputs(i)));
            return (request, choice);
        }

        // Whether the row or the variant is at fault, the champion's own answer tells: only then it counts (see Blame).
        var reason = request.NotFinite ? AssignmentReason.FellBackNotFinite : AssignmentReason.FellBackRefused;
        Return(request);
        return (null, choice.Because(reason));
    }

    /// <summary>The champion answered what the variant refused: the variant is at fault.</summary>
    public static void Blame(in Choice choice)
    {
        if (choice.Reason is AssignmentReason.FellBackNotFinite or AssignmentReason.FellBackRefused) choice.Variant.Counters.Failed();
    }

    public void Return(PredictionRequest request)
    {
        if (free.Count < 64) free.Add(request);
    }
}
