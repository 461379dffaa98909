using System.Text.Json;
using Serverless.Drift;
using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;
using Serverless.Testing;

namespace Serverless.Core.Tests.Drift;

/// <summary>Against SciPy 1.10.1 on the same values: golden/*.json, written by golden/golden.py.</summary>
public sealed class GoldenTests
{
    private sealed record TwoSamples(string Kind, int N, int M, double Shift, ulong Seed1, ulong Seed2, double Ks, double KsAuto, double KsAsymptotic, double Wasserstein, double Energy,
        double? Cvm, double? CvmAuto, double? CvmAsymptotic);

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Golden<TwoSamples[]>("two-samples").Length)];

    [Theory, MemberData(nameof(Cases))]
    public void TwoSamples_OnTheSameValues_EqualsSciPy(int index)
    {
        var golden = Golden<TwoSamples[]>("two-samples")[index];
        var (a, b) = (Values(golden.Kind, golden.Seed1, golden.N, 0), Values(golden.Kind, golden.Seed2, golden.M, golden.Shift));

        // Counted where they are whole numbers, plain otherwise: both forms have to agree.
        foreach (var (x, y) in Forms(a, b, golden.Kind))
        {
            var d = KolmogorovSmirnov.Statistic(x, y);
            d.ShouldBe(golden.Ks, 1e-12);
            KolmogorovSmirnov.PValue(d, x.Count, y.Count, PValueMode.Auto).PValue.ShouldBeNear(golden.KsAuto);
            KolmogorovSmirnov.AsymptoticPValue(d, x.Count, y.Count).ShouldBeNear(golden.KsAsymptotic);
            Distances.Wasserstein(x, y).ShouldBeNear(golden.Wasserstein);
            Distances.Energy(x, y).ShouldBeNear(golden.Energy);
            if (golden.Cvm is null) continue;
            var (t, fourU) = CramerVonMises.Statistic(x, y);
            t.ShouldBe(golden.Cvm.Value, 1e-9);
            CramerVonMises.PValue(t, fourU, x.Count, y.Count, PValueMode.Auto).PValue.ShouldBe(golden.CvmAuto!.Value, 1e-9);
            CramerVonMises.AsymptoticPValue(t, x.Count, y.Count).ShouldBe(golden.CvmAsymptotic!.Value, 1e-9);
        }
    }

    [Fact]
    public void KolmogorovUpperTail_AcrossSizesAndMethods_EqualsSciPy()
    {
        foreach (var row in Golden<double[][]>("kolmogorov")) KolmogorovDistribution.UpperTail((int)row[0], row[1]).ShouldBeNear(row[2], $"n {row[0]}, x {row[1]}");
    }

    [Fact]
    public void ChiSquareUpperTail_FromTheMiddleToFarOut_EqualsSciPy()
    {
        foreach (var row in Golden<double[][]>("chi-square")) ChiSquare.UpperTail(row[1], row[0]).ShouldBeNear(row[2], $"df {row[0]}, x {row[1]}");
    }

    private static IEnumerable<(NumericSample, NumericSample)> Forms(double[] a, double[] b, string kind)
    {
        yield return (Samples.Of(a), Samples.Of(b));
        if (kind is not ("ties" or "ints")) yield break;
        var counted = ((NumericSample)SampleBuilder.Of(Samples.Integers("x", [.. a.Select(v => (long)v)])), (NumericSample)SampleBuilder.Of(Samples.Integers("x", [.. b.Select(v => (long)v)])));
        counted.Item1.Counts.ShouldNotBeNull();
        yield return counted;
        yield return (counted.Item1, Samples.Of(b));
    }

    private static double[] Values(string kind, ulong seed, int count, double shift) => [.. Samples.Uniform(seed, count).Select(u => kind switch
    {
        "real" => (u * u) + shift,
        "ties" => Math.Floor(u * 10) + Math.Floor(shift * 10),
        "ints" => Math.Floor(u * u * 3000) + Math.Floor(shift * 1000),
        _ => ((u - 0.5) * 1e6) + (shift * 1e6),
    })];

    private static T Golden<T>(string name) =>
        JsonSerializer.Deserialize<T>(Repository.Read($"tests/Serverless.Core.Tests/Drift/golden/{name}.json"), ServerlessJson.Options)!;
}

internal static class Nearness
{
    /// <summary>1e-9 relative, as far down as doubles are normal.</summary>
    public static void ShouldBeNear(this double actual, double expected, string? what = null) =>
        Math.Abs(actual - expected).ShouldBeLessThanOrEqualTo((1e-9 * Math.Abs(expected)) + 1e-290, $"{actual:R} against {expected:R} {what}");
}
