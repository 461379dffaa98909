using System.Buffers;
using Serverless.Scoring;

namespace Serverless.Rollouts;

/// <summary>Rows of one request that wait to be answered in the dark, with the champion's answers: copies, because the request is over by then.</summary>
internal sealed class ShadowRows
{
    private readonly byte[] bytes;
    private readonly int[] ends;
    private readonly double[] outputs;
    private readonly byte[][]? lookedUp;
    private readonly int width;

    public ShadowRows(ServingPlan plan, in Choice choice, ServedModel champion, PredictionRequest request, IReadOnlyList<string> ids, ReadOnlySpan<byte> body, DateTime at)
    {
        (Plan, Choice, Champion, At, Subject, Count, width) = (plan, choice, champion, at, request.Subject, request.Count, champion.Schema.Outputs);
        for (var i = 0; i < Count; i++) Length += request.Sent(i, body).Length;
        bytes = ArrayPool<byte>.Shared.Rent(Length);
        (ends, outputs, Ids) = (new int[Count], new double[Count * width], new string[Count]);
        var end = 0;
        for (var i = 0; i < Count; i++)
        {
            var sent = request.Sent(i, body);
            sent.CopyTo(bytes.AsSpan(end));
            ends[i] = end += sent.Length;
            request.Outputs(i).CopyTo(outputs.AsSpan(i * width));
            Ids[i] = ids[i];
            if (!request.LookedUp(i).IsEmpty) (lookedUp ??= new byte[Count][])[i] = request.LookedUp(i).ToArray();
        }
    }

    public ServingPlan Plan { get; }

    public Choice Choice { get; }

    public ServedModel Champion { get; }

    public DateTime At { get; }

    public string? Subject { get; }

    public int Count { get; }

    /// <summary>Bytes of the rows together.</summary>
    public int Length { get; }

    /// <summary>Of the champion's predictions.</summary>
    public string[] Ids { get; }

    public ReadOnlySpan<byte> Sent(int row) => bytes.AsSpan(row == 0 ? 0 : ends[row - 1], ends[row] - (row == 0 ? 0 : ends[row - 1]));

    /// <summary>What the champion looked up: who looks on answers the same question.</summary>
    public ReadOnlySpan<byte> LookedUp(int row) => lookedUp?[row];

    public ReadOnlySpan<double> Outputs(int row) => outputs.AsSpan(row * width, width);

    public void Release() => ArrayPool<byte>.Shared.Return(bytes);
}
