using CsCheck;
using Serverless.Datasets;
using Serverless.Profiles;

namespace Serverless.Core.Tests.Profiles;

public sealed class FrequenciesTests
{
    // numpy.quantile([1, 2, 2, 4, 10], p), method 'linear'
    [Theory, InlineData(0, 1), InlineData(0.05, 1.2), InlineData(0.25, 2), InlineData(0.5, 2), InlineData(0.75, 4), InlineData(0.95, 8.8), InlineData(1, 10)]
    public void Quantile_OfFiveValues_IsAsNumPyGivesIt(double p, double expected) =>
        Frequencies.Quantile([1, 2, 4, 10], [1, 2, 1, 1], p).ShouldBe(expected, 1e-12);

    [Fact]
    public void Quantile_OfCounts_IsThatOfTheRows() => Gen.Select(Gen.Int[-20, 20].Array[1, 60], Gen.Double[0, 1]).Sample((rows, p) =>
    {
        var groups = rows.GroupBy(r => r).OrderBy(g => g.Key).ToList();
        var sorted = rows.Order().ToArray();
        var position = p * (rows.Length - 1);
        var (lower, upper) = (sorted[(int)Math.Floor(position)], sorted[(int)Math.Ceiling(position)]);
        Frequencies.Quantile([.. groups.Select(g => (double)g.Key)], [.. groups.Select(g => (long)g.Count())], p)
            .ShouldBe(lower + ((position - Math.Floor(position)) * (upper - lower)), 1e-9);
    });

    [Fact]
    public void Profile_OfIntegers_HasEveryFigure()
    {
        var profile = Frequencies.Profile("n", ColumnType.Integer, 3, (ReadOnlySpan<long>)[1, 2, 4], [1, 2, 1]);

        (profile.Type, profile.Nulls, profile.Distinct).ShouldBe(("integer", 3, 3));
        (profile.Min, profile.Max, profile.Mean).ShouldBe((1L, 4L, 2.25));
        profile.Stddev!.Value.ShouldBe(1.25830573921, 1e-10);
        profile.Top.ShouldBe([new("2", 2), new("1", 1), new("4", 1)]);
    }

    [Fact]
    public void Profile_OfManyValues_KeepsTheTenMostFrequentSmallestFirstAmongEquals()
    {
        long[] values = [.. Enumerable.Range(0, 100).Select(i => (long)i)];
        long[] counts = [.. values.Select(v => v == 50 ? 9L : v == 99 ? 8L : 1L)];
        Frequencies.Profile("n", ColumnType.Integer, 0, values, counts).Top!.Select(t => t.Value).ShouldBe(["50", "99", "0", "1", "2", "3", "4", "5", "6", "7"]);
    }

    [Fact]
    public void Profile_OfTimestamps_IsIso8601InUtc()
    {
        var profile = Frequencies.Profile("t", ColumnType.Timestamp, 0, (ReadOnlySpan<long>)[0, 1_500_000], [1, 1]);
        (profile.Min, profile.Max, profile.Mean).ShouldBe(("1970-01-01T00:00:00Z", "1970-01-01T00:00:01.5Z", null));
    }

    [Fact]
    public void Profile_OfNothing_HasNoFigures()
    {
        var profile = Frequencies.Profile("n", ColumnType.Number, 5, ReadOnlySpan<double>.Empty, []);
        (profile.Distinct, profile.Min, profile.Mean, profile.Quantiles).ShouldBe((0, null, null, null));
    }
}
