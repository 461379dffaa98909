namespace Serverless.Rollouts;

/// <summary>Counts of one variant in this process. Any number of threads; counting allocates nothing and takes no lock.</summary>
public sealed class VariantCounters(string variant, bool shares)
{
    private readonly long[] latency = new long[Buckets.Times];
    private readonly long[] scores = new long[shares ? Buckets.Shares : Buckets.Values];
    private long calls, failures, hangs, compared, differing, dropped;
    private double difference;

    public string Variant { get; } = variant;

    public void Answered(TimeSpan took)
    {
        Interlocked.Increment(ref calls);
        Interlocked.Increment(ref latency[Buckets.OfTime(took.TotalMicroseconds)]);
    }

    public void Failed(bool hung = false)
    {
        Interlocked.Increment(ref calls);
        Interlocked.Increment(ref failures);
        if (hung) Interlocked.Increment(ref hangs);
    }

    public void Scored(double score) => Interlocked.Increment(ref scores[shares ? Buckets.OfShare(score) : Buckets.OfValue(score)]);

    public void Compare(bool differs, double by)
    {
        Interlocked.Increment(ref compared);
        if (differs) Interlocked.Increment(ref differing);
        double before, seen = Volatile.Read(ref difference);
        do before = seen;
        while ((seen = Interlocked.CompareExchange(ref difference, before + by, before)) != before);
    }

    public void Drop() => Interlocked.Increment(ref dropped);

    public VariantTotals Read() => new()
    {
        Variant = Variant, Calls = Interlocked.Read(ref calls), Failures = Interlocked.Read(ref failures), Hangs = Interlocked.Read(ref hangs), Latency = Sparse(latency), Scores = Sparse(scores),
        Compared = Interlocked.Read(ref compared), Differing = Interlocked.Read(ref differing), Difference = Volatile.Read(ref difference), Dropped = Interlocked.Read(ref dropped),
    };

    private static SparseCounts Sparse(long[] counts)
    {
        var sparse = new SparseCounts();
        for (var i = 0; i < counts.Length; i++) sparse.Add(i, Volatile.Read(ref counts[i]));
        return sparse;
    }
}
