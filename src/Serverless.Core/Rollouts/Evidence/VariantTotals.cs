namespace Serverless.Rollouts;

/// <summary>What a variant has shown, counted by the processes that serve it. Counts only grow, and totals of processes add up.</summary>
public sealed record VariantTotals
{
    public required string Variant { get; init; }

    /// <summary>Requests for which it was asked.</summary>
    public long Calls { get; init; }

    /// <summary>Of these, without a usable answer: exceptions, answers that are not finite, refused rows, too slow.</summary>
    public long Failures { get; init; }

    /// <summary>Of the failures, those that did not end in time.</summary>
    public long Hangs { get; init; }

    /// <summary>Time to read and score a request, in buckets of microseconds.</summary>
    public SparseCounts Latency { get; init; } = new();

    /// <summary>Scores of the predictions, in buckets.</summary>
    public SparseCounts Scores { get; init; } = new();

    /// <summary>Shadow: rows answered in the dark and compared with the champion's answer.</summary>
    public long Compared { get; init; }

    /// <summary>Of these, with another prediction (another class; for numbers, another value).</summary>
    public long Differing { get; init; }

    /// <summary>Sum of absolute differences of scores.</summary>
    public double Difference { get; init; }

    /// <summary>Shadow: rows that were left out because the queue was full.</summary>
    public long Dropped { get; init; }

    public static VariantTotals operator +(VariantTotals a, VariantTotals b) => a with
    {
        Calls = a.Calls + b.Calls, Failures = a.Failures + b.Failures, Hangs = a.Hangs + b.Hangs, Latency = a.Latency + b.Latency, Scores = a.Scores + b.Scores,
        Compared = a.Compared + b.Compared, Differing = a.Differing + b.Differing, Difference = a.Difference + b.Difference, Dropped = a.Dropped + b.Dropped,
    };

    /// <summary>What came after <paramref name="b"/> was counted.</summary>
    public static VariantTotals operator -(VariantTotals a, VariantTotals b) => a with
    {
        Calls = a.Calls - b.Calls, Failures = a.Failures - b.Failures, Hangs = a.Hangs - b.Hangs, Latency = a.Latency - b.Latency, Scores = a.Scores - b.Scores,
        Compared = a.Compared - b.Compared, Differing = a.Differing - b.Differing, Difference = a.Difference - b.Difference, Dropped = a.Dropped - b.Dropped,
    };
}
