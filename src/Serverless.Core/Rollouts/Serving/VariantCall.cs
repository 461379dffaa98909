using System.Buffers;
using Serverless.Scoring;

namespace Serverless.Rollouts;

/// <summary>One question to a variant, on another thread and on a copy of the body: whoever asked may go on without the answer.</summary>
public sealed class VariantCall : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RowsReader read;
    private readonly RequestLimits limits;
    private readonly byte[] body;

    internal VariantCall(in Choice choice, ReadOnlySpan<byte> body, RowsReader read, RequestLimits limits, PredictionRequest request, long began)
    {
        (Choice, this.read, this.limits, Request, Length, Began) = (choice, read, limits, request, body.Length, began);
        Queued = !choice.Variant.Suspended;
        this.body = Queued ? ArrayPool<byte>.Shared.Rent(body.Length) : [];
        if (Queued) body.CopyTo(this.body);
    }

    internal Choice Choice { get; }

    /// <summary>False where the variant is not asked any more.</summary>
    internal bool Queued { get; }

    internal PredictionRequest Request { get; }

    internal int Length { get; }

    internal long Began { get; }

    internal Task Ended => ended.Task;

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            read(body.AsSpan(0, Length), Choice.Variant.Model!, Request, limits);
            ended.TrySetResult();
        }
        catch (Exception e)
        {
            ended.TrySetException(e);
            _ = ended.Task.Exception; // seen, also when nobody waits any more
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }
}
