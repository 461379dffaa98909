using Serverless.Statistics;

namespace Serverless.Gating;

/// <summary>Whether a candidate may go on, and each reason with the figures compared: what refused it first.</summary>
public sealed record GateResult(bool Passed, IReadOnlyList<string> Reasons)
{
    /// <summary>Everything that was looked at, in the order of the model file.</summary>
    public IReadOnlyList<GateFinding> Findings { get; init; } = [];

    public static GateResult Of(IReadOnlyList<GateFinding> findings) => new(
        findings.All(f => f.Outcome != GateOutcome.Failed), [.. findings.OrderBy(f => f.Outcome == GateOutcome.Failed ? 0 : 1).Select(f => f.Reason)]) { Findings = findings };
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
