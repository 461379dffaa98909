using Serverless.Alerts;
using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.Partitions;

/// <summary>
/// What alerts may have to know of a drop. Bad checks for each partition, the newest first up to a limit, and for each check one good signal, of the newest partition that passed:
/// enough to see that a trouble ended, and a drop of a year costs what a drop of a day costs.
/// </summary>
internal static class DropSignals
{
    /// <summary>Of a drop with more bad partitions only the newest are news to anybody; the results of all are stored.</summary>
    private const int MostBad = 100;

    /// <summary>A few broken rows are everyday; from this share on somebody should know, and from ten times it on it is an error.</summary>
    private const double NotableShare = 0.01;

    /// <summary>What is left of the results of a drop's partitions to tell.</summary>
    public static IReadOnlyList<JudgedCheck> Judge(IEnumerable<PartitionFile> partitions) => Judge([], partitions.Select(p => (p.Key, p.Inspection?.Checks ?? [])));

    /// <param name="before">What was said before; periods that are judged now replace what was said of them.</param>
    public static IReadOnlyList<JudgedCheck> Judge(IReadOnlyList<JudgedCheck> before, IEnumerable<(string Key, IReadOnlyList<CheckResult> Checks)> periods)
    {
        var now = periods.ToArray();
        var again = now.Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        var judged = now.SelectMany(p => p.Checks.Where(c => c.Outcome != Outcome.NotApplicable).GroupBy(c => c.Metric ?? c.Check).Select(g => Worst(p.Key, g.Key, [.. g])))
            .Concat(before.Where(j => !again.Contains(j.Period))).OrderByDescending(j => j.Period, StringComparer.Ordinal);
        return [.. judged.GroupBy(j => j.Metric).SelectMany(g => g.Where(j => j.Bad).Take(MostBad).Concat(g.Where(j => !j.Bad).Take(1)))];
    }

    public static IReadOnlyList<Signal> Of(CutDrop drop, Commit commit, string run)
    {
        var rows = drop.Partitions.Sum(p => p.Rows) + drop.Quarantined;
        var share = rows == 0 ? 0 : (double)drop.Quarantined / rows;
        return
        [
            .. drop.Judged.Select(j => new Signal
            {
                Kind = SignalKind.Check, Subject = commit.Dataset, Name = j.Metric, Period = j.Period, Bad = j.Bad, Severity = j.Severity, Value = j.Value,
                Expectation = j.Expectation, Message = j.Message, At = commit.WrittenAt, Run = run,
            }),
            new Signal
            {
                Kind = SignalKind.Quarantine, Subject = commit.Dataset, Name = "quarantined", Bad = share > NotableShare,
                Severity = share > 10 * NotableShare ? Severity.Error : Severity.Warning, Value = share, Expectation = FormattableString.Invariant($"quarantined <= {NotableShare}"),
                Period = drop.Partitions.Select(p => p.Key).Max(StringComparer.Ordinal),
                Message = drop.Quarantined == 0 ? $"'{drop.File}': every row keeps the contract."
                    : FormattableString.Invariant($"'{drop.File}': {drop.Quarantined:N0} of {rows:N0} rows ({share:P2}) break the contract and are in quarantine."),
                At = commit.WrittenAt, Run = run,
            },
            new Signal
            {
                Kind = SignalKind.DropRejected, Subject = commit.Dataset, Name = "drop", Bad = false, Severity = Severity.Error, Message = $"'{drop.File}' was stored.", At = commit.WrittenAt, Run = run,
            },
        ];
    }

    /// <param name="at">The same whenever the step is repeated.</param>
    public static Signal Rejected(string dataset, string file, string reason, DateTimeOffset at, string run) => new()
    {
        Kind = SignalKind.DropRejected, Subject = dataset, Name = "drop", Bad = true, Severity = Severity.Error, Message = $"'{file}' was rejected: {reason}", At = at, Run = run,
    };

    // Checks with one name (under different conditions) speak with one voice: the worst.
    private static JudgedCheck Worst(string period, string metric, CheckResult[] results)
    {
        var worst = results.Where(r => r.Outcome != Outcome.Passed).OrderByDescending(r => r.Severity).FirstOrDefault() ?? results[0];
        var found = worst.Value is { } value ? FormattableString.Invariant($"{metric} is {value:0.######}, expected {worst.Expectation}") : $"{metric} could not be computed: {worst.Message}";
        return new JudgedCheck(metric, period, worst.Outcome != Outcome.Passed, worst.Severity, worst.Value, worst.Expectation, $"partition {period}: {found}");
    }
}

/// <summary>What a check said of a partition, as far as alerts are concerned.</summary>
internal sealed record JudgedCheck(string Metric, string Period, bool Bad, Severity Severity, double? Value, string Expectation, string Message);
