using Serverless.Statistics;

namespace Serverless.Gating;

/// <summary>Whether a candidate may go on, and each reason with the figures compared: what refused it first.</summary>
public sealed record GateResult(bool Passed, IReadOnlyList<string> Reasons)
{
    /// <summary>Everything that was looked at, in the order of the model file.</summary>
    public IReadOnlyList<GateFinding> Findings { get; init; } = [];

    // Nobody reads two hundred slices; all of them are among the findings.
    private const int MostFailed = 20;
    private const int MostSlices = 3;

    public static GateResult Of(IReadOnlyList<GateFinding> findings)
    {
        var failed = findings.Where(f => f.Outcome == GateOutcome.Failed).Select(f => f.Reason).ToArray();
        string[] reasons = [.. failed.Take(MostFailed), .. failed.Length > MostFailed ? [$"and {failed.Length - MostFailed} more"] : Array.Empty<string>(), .. Others(findings)];
        return new GateResult(failed.Length == 0, reasons) { Findings = findings };
    }

    private static IEnumerable<string> Others(IReadOnlyList<GateFinding> findings)
    {
        var said = new HashSet<(string, string?, string?)>();
        foreach (var finding in findings.Where(f => f.Outcome != GateOutcome.Failed))
        {
            var key = (finding.Guard, finding.Metric, finding.Threshold);
            var alike = finding is { Outcome: GateOutcome.Passed, Slice: not null } ? findings.Count(f => f.Outcome == GateOutcome.Passed && f.Slice is not null && (f.Guard, f.Metric, f.Threshold) == key) : 1;
            if (alike <= MostSlices) yield return finding.Reason;
            else if (said.Add(key)) yield return $"{finding.Guard}: {finding.Metric} is {finding.Threshold} in {alike} slices";
        }
    }
}

/// <summary>One thing that the gate looked at.</summary>
public sealed record GateFinding
{
    /// <summary>threshold, baseline, champion, or the name of a guard.</summary>
    public required string Guard { get; init; }

    public required GateOutcome Outcome { get; init; }

    public string? Metric { get; init; }

    /// <summary>The part of the holdout: <c>origin = ATL</c>, <c>2001-01-25..2001-01-31</c>; null = all of it.</summary>
    public string? Slice { get; init; }

    /// <summary>Rows that were judged.</summary>
    public long? Rows { get; init; }

    /// <summary>The candidate's.</summary>
    public double? Value { get; init; }

    /// <summary>What it was compared with: the champion's or the baseline's figure.</summary>
    public double? Reference { get; init; }

    /// <summary>Of <see cref="Value"/> minus <see cref="Reference"/> where both are there, else of the value.</summary>
    public Interval? Interval { get; init; }

    /// <summary>Chance of a difference as large when there is none.</summary>
    public double? PValue { get; init; }

    /// <summary>What was demanded: <c>at least 0.6</c>.</summary>
    public string? Threshold { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Reason { get; init; }
}

/// <summary>Not applicable refuses nobody: there was nothing to judge, and the reason says why.</summary>
public enum GateOutcome { Passed, Failed, NotApplicable }
