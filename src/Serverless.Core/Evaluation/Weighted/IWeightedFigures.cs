using Serverless.Statistics;

namespace Serverless.Evaluation.Weighted;

/// <summary>Several metrics over weighted rows from one pass. Has no state that changes, because replicates are computed by several threads.</summary>
internal interface IWeightedFigures
{
    IReadOnlyList<string> Names { get; }

    /// <summary>Fills <paramref name="values"/>, one for each name; NaN for what is not defined for these weights.</summary>
    void Compute(ReadOnlySpan<byte> weights, Span<double> values);
}

/// <summary>One of several figures, for callers that want no other.</summary>
internal sealed class OneFigure(IWeightedFigures all, int index) : IWeightedFigure
{
    public double Compute(ReadOnlySpan<byte> weights)
    {
        Span<double> values = stackalloc double[all.Names.Count];
        all.Compute(weights, values);
        return values[index];
    }
}
