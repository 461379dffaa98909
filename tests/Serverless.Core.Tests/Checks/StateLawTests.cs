using CsCheck;
using Serverless.Checks;

namespace Serverless.Core.Tests.Checks;

/// <summary>States form a commutative monoid, and merging states of parts is the state of the whole.</summary>
public sealed class StateLawTests
{
    private static readonly Gen<double[]> Rows = Gen.Double[-1000, 1000].Array[0, 30];

    [Fact]
    public void Merge_OfParts_IsTheStateOfTheWhole() => Gen.Select(Rows, Rows).Sample((a, b) =>
    {
        double[] all = [.. a, .. b];
        Close(Moments(a).Merge(Moments(b)), Moments(all));
        Extremes(a).Merge(Extremes(b)).ShouldBe(Extremes(all));
        new CountState(a.Length).Merge(new CountState(b.Length)).ShouldBe(new CountState(all.Length));
    });

    [Fact]
    public void Merge_InAnyOrderAndGrouping_IsTheSame() => Gen.Select(Rows, Rows, Rows).Sample((a, b, c) =>
    {
        Close(Moments(a).Merge(Moments(b))!.Merge(Moments(c)), (MomentsState)Moments(c).Merge(Moments(a).Merge(Moments(b)!)!)!);
        Extremes(a).Merge(Extremes(b)).Merge(Extremes(c)).ShouldBe(Extremes(c).Merge(Extremes(b).Merge(Extremes(a))));
    });

    [Fact]
    public void Merge_WithNothing_ChangesNothing() => Rows.Sample(a =>
    {
        Moments(a).Merge(Moments([])).ShouldBe(Moments(a));
        Moments([]).Merge(Moments(a)).ShouldBe(Moments(a));
        Extremes([]).Merge(Extremes(a)).ShouldBe(Extremes(a));
        new GroupsState(3, 2, 1, 1, 0.5).Merge(new GroupsState(0, 0, 0, 0, 0)).ShouldBe(new GroupsState(3, 2, 1, 1, 0.5));
    });

    [Fact]
    public void Merge_OfGroups_NeedsTheRows() => new GroupsState(3, 2, 1, 1, 0.5).Merge(new GroupsState(1, 1, 1, 1, 0)).ShouldBeNull();

    private static MomentsState Moments(double[] rows)
    {
        var mean = rows.Length == 0 ? 0 : rows.Average();
        return new MomentsState(rows.Length, mean, rows.Sum(r => (r - mean) * (r - mean)));
    }

    private static ExtremesState Extremes(double[] rows) => rows.Length == 0 ? new ExtremesState(null, null) : new ExtremesState(rows.Min(), rows.Max());

    private static void Close(AggregateState? merged, MomentsState expected)
    {
        var actual = merged.ShouldBeOfType<MomentsState>();
        actual.Count.ShouldBe(expected.Count);
        actual.Mean.ShouldBe(expected.Mean, 1e-9 * (1 + Math.Abs(expected.Mean)));
        actual.SquaredDeviations.ShouldBe(expected.SquaredDeviations, 1e-9 * (1 + expected.SquaredDeviations));
    }
}
