using Serverless.Drift.Samples;

namespace Serverless.Drift.Methods;

/// <summary>A method that needs numbers: numeric columns, booleans as 0 and 1.</summary>
internal abstract class NumericMethod : IDriftMethod
{
    public abstract string Name { get; }

    public abstract DriftScale Scale { get; }

    public abstract double DefaultThreshold { get; }

    public string Compares => "numbers";

    public bool Takes(ColumnSample reference, ColumnSample current) => reference.Numbers is not null && current.Numbers is not null;

    public DriftMeasure Compare(ColumnSample reference, ColumnSample current, PValueMode mode) => Compare(reference.Numbers!, current.Numbers!, mode);

    protected abstract DriftMeasure Compare(NumericSample reference, NumericSample current, PValueMode mode);
}
