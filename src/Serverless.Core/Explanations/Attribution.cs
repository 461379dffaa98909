namespace Serverless.Explanations;

/// <summary>What one row's score is made of, in raw numbers. Made once for an explainer and used again for every row, so that explaining allocates nothing.</summary>
/// <param name="columns">Raw columns of the model.</param>
/// <param name="slots">Feature slots of the model.</param>
public sealed class Attribution(int columns, int slots)
{
    /// <summary>By raw column, on the scale of the score.</summary>
    public double[] Columns { get; } = new double[columns];

    /// <summary>By feature slot, where the method sees slots (<see cref="HasSlots"/>).</summary>
    public double[] Slots { get; } = new double[slots];

    public bool HasSlots { get; internal set; }

    /// <summary>Standard errors of <see cref="Columns"/>; zero where the method is exact.</summary>
    public double[] StandardErrors { get; } = new double[columns];

    /// <summary>What the model says of a row of which nothing is known.</summary>
    public double Baseline { get; internal set; }

    /// <summary>The score that is explained.</summary>
    public double Score { get; internal set; }

    /// <summary>Share of the variance around the row that a local surrogate gets right; null for methods that add up to the score.</summary>
    public double? Fidelity { get; internal set; }

    internal void Clear()
    {
        Array.Clear(Columns);
        Array.Clear(Slots);
        Array.Clear(StandardErrors);
        (HasSlots, Baseline, Score, Fidelity) = (false, 0, 0, null);
    }
}
