using CsCheck;
using Serverless.Drift;
using Serverless.Drift.Methods;
using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Core.Tests.Drift;

/// <summary>Laws that hold for any samples.</summary>
public sealed class DriftPropertyTests
{
    // Ties are likely: half of the values are small whole numbers.
    private static readonly Gen<double> Value = Gen.Frequency((1, Gen.Int[-5, 5].Select(i => (double)i)), (1, Gen.Double[-1e3, 1e3]));
    private static readonly Gen<double[]> Values = Value.Array[1, 60];

    [Fact]
    public void Distances_SidesExchanged_AreTheSame() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        var (x, y) = (Samples.Of(a), Samples.Of(b));
        KolmogorovSmirnov.Statistic(x, y).ShouldBe(KolmogorovSmirnov.Statistic(y, x), 1e-12);
        Distances.Wasserstein(x, y).ShouldBe(Distances.Wasserstein(y, x), 1e-9);
        Distances.Energy(x, y).ShouldBe(Distances.Energy(y, x), 1e-9);
        CramerVonMises.Statistic(x, y).T.ShouldBe(CramerVonMises.Statistic(y, x).T, 1e-9);
    }, seed: "0000KOIKT2Q2", iter: 300);

    [Fact]
    public void Wasserstein_ByWayOfAThird_IsNoShorter() => Gen.Select(Values, Values, Values).Sample((a, b, c) =>
    {
        var (x, y, z) = (Samples.Of(a), Samples.Of(b), Samples.Of(c));
        Distances.Wasserstein(x, z).ShouldBeLessThanOrEqualTo(Distances.Wasserstein(x, y) + Distances.Wasserstein(y, z) + 1e-9);
    }, seed: "0000KOIKT2Q2", iter: 300);

    [Fact]
    public void Wasserstein_Weighted_IsThatOfTheValuesRepeated() => Gen.Select(Gen.Select(Value, Gen.Int[1, 4]).Array[1, 20], Values).Sample((a, b) =>
    {
        var repeated = Samples.Of([.. a.SelectMany(v => Enumerable.Repeat(v.Item1, v.Item2))]);
        Distances.Wasserstein([.. a.Select(v => v.Item1)], b, [.. a.Select(v => (double)v.Item2)], [.. b.Select(_ => 2.5)]).ShouldBe(Distances.Wasserstein(repeated, Samples.Of(b)), 1e-9);
    }, seed: "0000KOIKT2Q2", iter: 300);

    // KS and Cramér-von Mises see order only.
    [Fact]
    public void RankTests_MonotoneChangeOfScale_ChangesNothing() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        double[] Scale(double[] v) => [.. v.Select(x => Math.Pow(x / 100, 3) + (x / 100))];
        KolmogorovSmirnov.Statistic(Samples.Of(Scale(a)), Samples.Of(Scale(b))).ShouldBe(KolmogorovSmirnov.Statistic(Samples.Of(a), Samples.Of(b)), 1e-12);
        CramerVonMises.Statistic(Samples.Of(Scale(a)), Samples.Of(Scale(b))).T.ShouldBe(CramerVonMises.Statistic(Samples.Of(a), Samples.Of(b)).T, 1e-12);
    }, seed: "0000KOIKT2Q2", iter: 300);

    [Fact]
    public void PValues_OfAnySamples_LieInTheUnitInterval() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        foreach (var mode in Enum.GetValues<PValueMode>())
        {
            foreach (var method in new IDriftMethod[] { new KolmogorovSmirnovMethod(), new CramerVonMisesMethod(), new ChiSquareMethod() })
            {
                method.Compare(Samples.Of(a), Samples.Of(b), mode).PValue!.Value.ShouldBeInRange(0, 1, $"{method.Name} {mode}");
            }
        }
    }, seed: "0000KOIKT2Q2", iter: 60);

    [Fact]
    public void Sort_OfAnyValues_IsThatOfTheLibrary() => Gen.Double.Array[0, 6000].Where(v => !v.Any(double.IsNaN)).Sample(values =>
    {
        var (ours, theirs) = ((double[])values.Clone(), (double[])values.Clone());
        DoubleSort.Sort(ours);
        Array.Sort(theirs);
        ours.ShouldBe(theirs);
    }, seed: "0000KOIKT2Q2", iter: 60);

    [Fact]
    public void Distribution_OfAnySamples_AddsUpToOneOnBothSides() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        var distribution = DriftDistribution.Of(Samples.Of(a), Samples.Of(b))!;
        distribution.Reference.Sum().ShouldBe(1, 1e-9);
        distribution.Current.Sum().ShouldBe(1, 1e-9);
        distribution.Labels.Count.ShouldBe(distribution.Reference.Count);
        distribution.Edges!.Count.ShouldBe(distribution.Labels.Count - 1);
    }, seed: "0000KOIKT2Q2", iter: 200);

    [Fact]
    public void Distribution_ManyCategories_ShowsTheMostFrequentAndTheRest()
    {
        var reference = Samples.Strings("x", [.. Enumerable.Range(0, 200).Select(i => $"c{i % 20:00}"), .. Enumerable.Repeat("often", 100)]);
        var distribution = Detectors.Compare(Samples.Table(reference), Samples.Table(reference), new DriftSettings { Distributions = true }).Columns.Single().Distribution!;

        distribution.Labels[0].ShouldBe("often");
        distribution.Labels[^1].ShouldBe("11 others");
        distribution.Labels.Count.ShouldBe(11);
        distribution.Reference.Sum().ShouldBe(1, 1e-9);
        Detectors.Compare(Samples.Table(reference), Samples.Table(reference)).Columns.Single().Distribution.ShouldBeNull();
    }
}
