using Serverless.Drift.Samples;

namespace Serverless.Drift;

/// <summary>A way to compare one column. One file, one test, one registration in <see cref="DriftServices"/>.</summary>
public interface IDriftMethod
{
    /// <summary>As reports and the command line name it.</summary>
    string Name { get; }

    /// <summary>Whether its threshold is for a p-value or for an effect size.</summary>
    DriftScale Scale { get; }

    double DefaultThreshold { get; }

    /// <summary>What it compares, for messages: <c>numbers</c>, <c>categories</c>.</summary>
    string Compares { get; }

    /// <summary>Whether it can compare such values.</summary>
    bool Takes(ColumnSample reference, ColumnSample current);

    /// <summary>Both samples have at least one value, and <see cref="Takes"/> said yes.</summary>
    DriftMeasure Compare(ColumnSample reference, ColumnSample current, PValueMode mode);
}

public enum DriftScale { PValue, Effect }

/// <summary>What a method found in one column.</summary>
public sealed record DriftMeasure
{
    public required double Statistic { get; init; }

    public double? PValue { get; init; }

    /// <summary>The figure that the threshold is for, where that is not the statistic itself.</summary>
    public double? Normalised { get; init; }

    /// <summary>How the figure came about: bins, base, kind of p-value.</summary>
    public required string Rule { get; init; }
}

/// <summary>A way to compare all columns together. Same registration as <see cref="IDriftMethod"/>; names are one catalogue.</summary>
public interface IDatasetDriftMethod
{
    string Name { get; }

    /// <summary>Compares rows. The sources have the columns of the settings, or all that both sides have, with equal types.</summary>
    DatasetDrift Compare(IDriftSource reference, IDriftSource current, IReadOnlyList<string> columns, DriftSettings settings, CancellationToken cancel);
}
