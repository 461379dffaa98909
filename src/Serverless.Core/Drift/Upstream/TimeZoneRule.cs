using Serverless.Drift.Methods;
using Serverless.Drift.Samples;

namespace Serverless.Drift.Upstream;

/// <summary>Times of day moved by whole hours: turning the clock back makes the hours of both sides agree.</summary>
internal sealed class TimeZoneRule : IUpstreamRule
{
    private const long LeastRows = 200;
    private const double Before = 0.1;

    public IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current)
    {
        if (reference is not TimestampSample { Count: >= LeastRows } a || current is not TimestampSample { Count: >= LeastRows } b) yield break;
        if (a.Ticks.All(t => t % TimeSpan.TicksPerDay == 0)) yield break;
        var (before, after) = (EffectOfShares.Shares(Hours(a)), EffectOfShares.Shares(Hours(b)));
        var distance = JensenShannonMethod.Distance(before, after);

        // Two samples of one distribution over 24 hours are about so far apart.
        var noise = Math.Sqrt(23 * ((1.0 / a.Count) + (1.0 / b.Count)) / (8 * Math.Log(2)));
        if (distance < Before || distance < 3 * noise) yield break;
        var best = Enumerable.Range(1, 23).Select(k => (Hours: k, Distance: JensenShannonMethod.Distance(before, Turned(after, k)))).MinBy(k => k.Distance);
        if (best.Distance > Math.Max(0.03, 1.5 * noise) || best.Distance > distance / 4) yield break;
        var shift = best.Hours <= 12 ? best.Hours : best.Hours - 24;
        yield return new UpstreamChange
        {
            Column = reference.Name, Kind = UpstreamKind.Unit, Factor = 1, Offset = shift,
            Message = $"times of day look shifted by {shift} {(Math.Abs(shift) == 1 ? "hour" : "hours")} (another time zone?)",
        };
    }

    private static long[] Hours(TimestampSample sample)
    {
        var counts = new long[24];
        foreach (var t in sample.Ticks) counts[t / TimeSpan.TicksPerHour % 24]++;
        return counts;
    }

    private static double[] Turned(double[] shares, int hours) => [.. Enumerable.Range(0, 24).Select(h => shares[(h + hours) % 24])];
}
