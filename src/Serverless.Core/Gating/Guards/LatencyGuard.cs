using System.Globalization;
using Serverless.Models;
using static Serverless.Gating.GateText;

namespace Serverless.Gating.Guards;

/// <summary>How long one row takes, from raw values to the answer, one at a time in the process that trained. What HTTP adds is not in it.</summary>
internal sealed class LatencyGuard : IGuard
{
    public string Name => "latency";

    public IReadOnlyList<GuardSetting> Settings => [new("p50", GuardSettingKind.Latency), new("p99", GuardSettingKind.Latency)];

    public IEnumerable<(string?, string)> Problems(GuardSettings settings, ModelDefinition model)
    {
        if (settings.Seconds("p50") is null && settings.Seconds("p99") is null) yield return (null, "needs a limit: p50 or p99.");
    }

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope)
    {
        var times = scope.Latencies();
        Array.Sort(times);
        foreach (var (name, share) in new[] { ("p50", 0.5), ("p99", 0.99) })
        {
            if (settings.Seconds(name) is not { } most) continue;
            var value = times.Length == 0 ? double.NaN : times[Math.Min(times.Length - 1, (int)Math.Ceiling(share * times.Length) - 1)];
            yield return new GateFinding
            {
                Guard = Name, Outcome = value <= most ? GateOutcome.Passed : GateOutcome.Failed, Metric = $"{name} seconds", Rows = times.Length, Value = value, Threshold = $"at most {Time(most)}",
                Reason = $"{name} of one row's time is {Time(value)}, {(value <= most ? "at most" : "above")} {Time(most)} ({Rows(times.Length)} measured)",
            };
        }
    }

    private static string Time(double seconds) =>
        seconds < 1e-3 ? (seconds * 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " us"
        : seconds < 1 ? (seconds * 1e3).ToString("0.###", CultureInfo.InvariantCulture) + " ms" : seconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";
}
