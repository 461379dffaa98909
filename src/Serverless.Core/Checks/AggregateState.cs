namespace Serverless.Checks;

/// <summary>
/// What a scan yields for an aggregate. States of disjoint sets of rows merge into the state of their union without rereading, where the kind allows it:
/// merging is associative and commutative, and the state of no rows changes nothing.
/// </summary>
public abstract record AggregateState
{
    /// <summary>The state of both sets of rows together; null when that needs the rows themselves.</summary>
    public abstract AggregateState? Merge(AggregateState other);
}

public sealed record CountState(long Count) : AggregateState
{
    public override AggregateState Merge(AggregateState other) => new CountState(Count + ((CountState)other).Count);
}

/// <summary>Both null when no row has a value.</summary>
public sealed record ExtremesState(double? Min, double? Max) : AggregateState
{
    public override AggregateState Merge(AggregateState other)
    {
        var o = (ExtremesState)other;
        return new ExtremesState(
            Min is null ? o.Min : o.Min is null ? Min : Math.Min(Min.Value, o.Min.Value),
            Max is null ? o.Max : o.Max is null ? Max : Math.Max(Max.Value, o.Max.Value));
    }
}

/// <summary>Mean and spread. Source of the merge: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).</summary>
/// <param name="SquaredDeviations">Sum of (x - mean) squared.</param>
public sealed record MomentsState(long Count, double Mean, double SquaredDeviations) : AggregateState
{
    public double Sum => Mean * Count;

    /// <summary>Population standard deviation; NaN without values.</summary>
    public double PopulationDeviation => Count == 0 ? double.NaN : Math.Sqrt(SquaredDeviations / Count);

    public override AggregateState Merge(AggregateState other)
    {
        var o = (MomentsState)other;
        if (o.Count == 0) return this;
        if (Count == 0) return o;
        var n = Count + o.Count;
        var delta = o.Mean - Mean;
        return new MomentsState(n, Mean + (delta * o.Count / n), SquaredDeviations + o.SquaredDeviations + (delta * delta * Count * o.Count / n));
    }
}

/// <summary>How often values occur. Two of them cannot be merged: a value may be in both.</summary>
/// <param name="Rows">Rows with at least one of the columns filled.</param>
/// <param name="Groups">Different values.</param>
/// <param name="Unique">Values that occur once.</param>
/// <param name="Keys">Values that occur once and have every column filled.</param>
/// <param name="Entropy">Shannon entropy in nats.</param>
public sealed record GroupsState(long Rows, long Groups, long Unique, long Keys, double Entropy) : AggregateState
{
    public override AggregateState? Merge(AggregateState other) => Rows == 0 ? other : ((GroupsState)other).Rows == 0 ? this : null;
}

/// <summary>A figure that stands for itself; null when there were no values. It cannot be merged.</summary>
public sealed record FigureState(double? Value) : AggregateState
{
    public override AggregateState? Merge(AggregateState other) => Value is null ? other : ((FigureState)other).Value is null ? this : null;
}
