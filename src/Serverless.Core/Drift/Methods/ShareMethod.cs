using Serverless.Drift.Samples;

namespace Serverless.Drift.Methods;

/// <summary>A method that compares shares: of categories, or of bins of numbers (see <see cref="Contingency"/> for the bins).</summary>
internal abstract class ShareMethod : IDriftMethod
{
    public abstract string Name { get; }

    public abstract DriftScale Scale { get; }

    public abstract double DefaultThreshold { get; }

    public virtual string Compares => "categories and binned numbers";

    public virtual bool Takes(ColumnSample reference, ColumnSample current) =>
        (reference.Categories is not null && current.Categories is not null) || (reference.Numbers is not null && current.Numbers is not null);

    public DriftMeasure Compare(ColumnSample reference, ColumnSample current, PValueMode mode) => Compare(Contingency.Of(reference, current));

    protected abstract DriftMeasure Compare(Contingency table);
}
