using System.Text.Json.Serialization;

namespace Serverless.Checks;

/// <summary>
/// What a scan yields for an aggregate. States of disjoint sets of rows merge into the state of their union without rereading, where the kind allows it:
/// merging is associative and commutative, and the state of no rows changes nothing.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "state")]
[JsonDerivedType(typeof(CountState), "count")]
[JsonDerivedType(typeof(ExtremesState), "extremes")]
[JsonDerivedType(typeof(MomentsState), "moments")]
[JsonDerivedType(typeof(CoMomentsState), "co-moments")]
[JsonDerivedType(typeof(GroupsState), "groups")]
[JsonDerivedType(typeof(PairsState), "pairs")]
[JsonDerivedType(typeof(ValuesOfColumnState), "values")]
[JsonDerivedType(typeof(DataTypesState), "data-types")]
[JsonDerivedType(typeof(ColumnsState), "columns")]
[JsonDerivedType(typeof(FigureState), "figure")]
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
    [JsonIgnore]
    public double Sum => Mean * Count;

    /// <summary>Population standard deviation; NaN without values.</summary>
    [JsonIgnore]
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

/// <summary>Text forms of values, counted as Deequ's DataType does: null, fraction, whole number, true or false, anything else.</summary>
public sealed record DataTypesState(long Nulls, long Fractional, long Integral, long Boolean, long Text) : AggregateState
{
    public override AggregateState Merge(AggregateState other)
    {
        var o = (DataTypesState)other;
        return new DataTypesState(Nulls + o.Nulls, Fractional + o.Fractional, Integral + o.Integral, Boolean + o.Boolean, Text + o.Text);
    }
}

/// <summary>The columns of a drop; of several drops the worst.</summary>
/// <param name="Contracted">Columns of the contract.</param>
/// <param name="Columns">Columns that the drop has, contracted or not.</param>
/// <param name="Missing">Contracted columns that it lacks.</param>
/// <param name="Misplaced">Contracted columns that would have to move to stand in the order of the contract; null where a drop has no order (JSON Lines).</param>
public sealed record ColumnsState(int Contracted, int Columns, int Missing, int? Misplaced) : AggregateState
{
    public static ColumnsState None { get; } = new(0, 0, 0, null);

    public override AggregateState Merge(AggregateState other)
    {
        var o = (ColumnsState)other;
        return new ColumnsState(Math.Max(Contracted, o.Contracted), Math.Max(Columns, o.Columns), Math.Max(Missing, o.Missing),
            Misplaced is null ? o.Misplaced : o.Misplaced is null ? Misplaced : Math.Max(Misplaced.Value, o.Misplaced.Value));
    }
}

/// <summary>A figure that stands for itself; null when there were no values. It cannot be merged.</summary>
public sealed record FigureState(double? Value) : AggregateState
{
    public override AggregateState? Merge(AggregateState other) => Value is null ? other : ((FigureState)other).Value is null ? this : null;
}
