namespace Serverless.Drift.Shape;

/// <summary>How a figure moved over a series of partitions, with the evidence.</summary>
public sealed record DriftShape
{
    public int SchemaVersion { get; init; } = 1;

    public required ShapeKind Kind { get; init; }

    /// <summary>Values that were looked at.</summary>
    public required int Points { get; init; }

    /// <summary>One sentence: <c>jumped from 8.1 to 12.4 at 2001-02-19</c>.</summary>
    public required string Message { get; init; }

    /// <summary>Sudden, gradual, recurrent: the first partition of the change (for a period, null). Blip: the first isolated partition. None: the newest one, where it is too early to tell.</summary>
    public string? At { get; init; }

    /// <summary>Gradual: the last partition of the change. Recurrent without a period: the first partition after the return.</summary>
    public string? Until { get; init; }

    /// <summary>Level before the change, and after it.</summary>
    public double? Before { get; init; }

    public double? After { get; init; }

    /// <summary>Theil-Sen: median of the slopes between all pairs, for one partition.</summary>
    public double? Slope { get; init; }

    /// <summary>Partitions from one repetition to the next.</summary>
    public int? Period { get; init; }

    /// <summary>Autocorrelation at the period.</summary>
    public double? Autocorrelation { get; init; }

    /// <summary>Partitions that stand alone, whatever the kind.</summary>
    public IReadOnlyList<string> Isolated { get; init; } = [];

    /// <summary>The chance of as much structure without any: CUSUM by permutation of blocks (sudden, recurrent), Mann-Kendall corrected for autocorrelation (gradual), Fisher's g (a period).</summary>
    public double? PValue { get; init; }

    /// <summary>How much better the shape explains the series than a constant does: the difference of Schwarz's criterion, with as many independent values as the residuals' autocorrelation leaves. At least 10 for a shape to be named.</summary>
    public double? Evidence { get; init; }
}

public enum ShapeKind
{
    /// <summary>Nothing beyond noise.</summary>
    None,

    /// <summary>From one level to another between two partitions.</summary>
    Sudden,

    /// <summary>From one level to another over at least <see cref="ShapeFinder.LeastRamp"/> partitions.</summary>
    Gradual,

    /// <summary>It comes again: with a period, or back at the former level after a while.</summary>
    Recurrent,

    /// <summary>Single partitions, the next ones being as before.</summary>
    Blip,
}
