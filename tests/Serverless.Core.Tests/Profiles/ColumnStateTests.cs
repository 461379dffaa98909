using CsCheck;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Profiles;

namespace Serverless.Core.Tests.Profiles;

/// <summary>States of parts merge into the state of the whole: exactly where values are counted, within the stated errors where they are sketched.</summary>
public sealed class ColumnStateTests
{
    private static readonly Gen<long[]> Integers = Gen.Long[-500, 500].Array[0, 400];

    [Fact]
    public void Merge_OfIntegers_HasTheFiguresOfAllRows() => Gen.Select(Integers, Integers, Integers, Gen.Int[0, 50]).Sample((a, b, c, nulls) =>
    {
        var merged = Merged(Merged(Of(a, nulls), Of(b, 1)), Of(c, 0));
        SameFigures(merged.ToProfile(), Of([.. a, .. b, .. c], nulls + 1).ToProfile());
        SameFigures(Merged(Of(c, 0), Merged(Of(b, 1), Of(a, nulls))).ToProfile(), merged.ToProfile());
        SameFigures(Merged(merged, ColumnState.Create("n", ColumnType.Integer)).ToProfile(), merged.ToProfile());
        SameFigures(Merged(ColumnState.Create("n", ColumnType.Integer), merged).ToProfile(), merged.ToProfile());
        SameFigures(ColumnState.FromBytes(merged.ToBytes()).ToProfile(), merged.ToProfile());
    }, iter: 100);

    [Fact]
    public void Merge_OfNumbersTimesTextsAndBooleans_HasTheFiguresOfAllRows()
    {
        Gen.Double[-1e6, 1e6].Array[0, 200].Array[2, 5].Sample(parts => Laws(parts, v => Of(v)), iter: 60);
        Gen.Long[0, 2_000_000_000_000_000].Array[0, 200].Array[2, 5].Sample(parts => Laws(parts, v => Of(v, ColumnType.Timestamp)), iter: 60);
        Gen.String[Gen.Char["abcé日"], 0, 3].Array[0, 200].Array[2, 5].Sample(parts => Laws(parts, v => Of(v)), iter: 60);
        Gen.Bool.Array[0, 200].Array[2, 5].Sample(parts => Laws(parts, v =>
        {
            var state = new BooleanState("b");
            state.Add(v.Count(x => x), v.Count(x => !x));
            return state;
        }), iter: 60);

        static void Laws<T>(T[][] parts, Func<T[], ColumnState> of)
        {
            var all = of([.. parts.SelectMany(p => p)]).ToProfile();
            SameFigures(parts.Select(of).Aggregate(Merged).ToProfile(), all);
            SameFigures(parts.Reverse().Select(p => ColumnState.FromBytes(of(p).ToBytes())).Aggregate(Merged).ToProfile(), all);
        }
    }

    // Twice the stated rank error is five standard deviations; five standard errors for distinct.
    [Theory, InlineData(7), InlineData(19)]
    public void Merge_ManyDifferentNumbers_StaysWithinTheStatedErrors(int seed)
    {
        var random = new Random(seed);
        var days = Enumerable.Range(0, 60).Select(d => Enumerable.Range(0, 3_000).Select(_ => Math.Exp(random.NextDouble() * 10) + d).ToArray()).ToArray();
        var merged = days.Select(d => ColumnState.FromBytes(Of(d).ToBytes())).Aggregate(Merged);
        var all = days.SelectMany(d => d).Order().ToArray();
        var profile = merged.ToProfile();

        merged.IsExact.ShouldBeFalse();
        merged.Count.ShouldBe(all.Length);
        (profile.Min, profile.Max).ShouldBe((all[0], all[^1]));
        profile.Mean!.Value.ShouldBe(all.Average(), 1e-11 * all.Average());
        var mean = all.Average();
        profile.Stddev!.Value.ShouldBe(Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1)), 1e-9 * mean);
        profile.DistinctError!.Value.ShouldBe(0.01625);
        ((double)profile.Distinct / all.Length).ShouldBe(1, 5 * profile.DistinctError.Value);
        profile.RankError!.Value.ShouldBe(0.0133, 1e-4);
        foreach (var (name, value) in profile.Quantiles!)
        {
            ((double)all.Count(v => v <= value) / all.Length).ShouldBe(double.Parse(name, System.Globalization.CultureInfo.InvariantCulture), 2 * profile.RankError.Value);
        }

        profile.Histogram!.Counts.Sum().ShouldBe(all.Length);
        merged.ToBytes().Length.ShouldBeLessThan(16_000);
    }

    [Fact]
    public void Merge_ManyDifferentTexts_KeepsTheFrequentOnes()
    {
        ColumnState Day(int day)
        {
            string[] rows = [.. Enumerable.Range(0, 4_000).Select(i => i % 4 == 0 ? "often" : $"user-{day}-{i}")];
            return ColumnState.FromBytes(Of(rows).ToBytes());
        }

        var merged = Enumerable.Range(0, 10).Select(Day).Aggregate(Merged);
        var profile = merged.ToProfile();
        profile.Top![0].Value.ShouldBe("often");
        profile.Top[0].Count.ShouldBeInRange(10_000 - profile.TopError!.Value, 10_000);
        profile.TopError.Value.ShouldBeLessThanOrEqualTo(40_000 / 257);
        ((double)profile.Distinct).ShouldBe(30_001, 5 * 0.01625 * 30_001);
        (profile.Lengths!.Min, profile.Lengths.Max).ShouldBe((5, 11));
        (profile.Min, profile.Max).ShouldBe(("often", "user-9-999"));
    }

    [Fact]
    public void Merge_OfAnotherType_SaysSo() => Should.Throw<DataException>(() => Of([1L], 0).Merge(Of(["a"]))).Message
        .ShouldBe("column 'n' is integer in one part of the data and string in another: their profiles do not merge.");

    [Fact]
    public void ToBytes_LongTexts_StaySmall() => Of([.. Enumerable.Range(0, 500).Select(i => new string((char)('a' + (i % 26)), 2_000 + i))]).ToBytes().Length.ShouldBeLessThan(60_000);

    [Fact]
    public void ProfileState_ColumnThatOnePartLacks_IsEmptyThere()
    {
        var merged = new ProfileState(3, [Of([1L, 2, 2], 0)]);
        merged.Merge(new ProfileState(2, [Of(["x", "x"], "s")]));
        merged.Rows.ShouldBe(5);
        merged.ToProfile().Columns.Select(c => (c.Name, c.Nulls)).ShouldBe([("n", 2), ("s", 3)]);
        merged.Of([new ColumnDefinition { Name = "t", Type = ColumnType.Boolean }]).ToProfile().Columns.Single().Nulls.ShouldBe(5);
    }

    internal static ColumnState Of(long[] values, int nulls)
    {
        var state = Of(values, ColumnType.Integer);
        state.AddNulls(nulls);
        return state;
    }

    private static NumericState<long> Of(long[] values, ColumnType type)
    {
        var state = new NumericState<long>("n", type);
        var groups = values.GroupBy(v => v).OrderBy(g => g.Key).ToList();
        state.Add([.. groups.Select(g => g.Key)], [.. groups.Select(g => (long)g.Count())]);
        return state;
    }

    private static NumericState<double> Of(double[] values)
    {
        var state = new NumericState<double>("n", ColumnType.Number);
        var groups = values.GroupBy(v => v).OrderBy(g => g.Key).ToList();
        state.Add([.. groups.Select(g => g.Key)], [.. groups.Select(g => (long)g.Count())]);
        return state;
    }

    private static TextState Of(string[] values, string name = "n")
    {
        var state = new TextState(name);
        var groups = values.GroupBy(v => v).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        state.Add([.. groups.Select(g => g.Key)], [.. groups.Select(g => (long)g.Count())]);
        return state;
    }

    private static ColumnState Merged(ColumnState a, ColumnState b)
    {
        var merged = a.Copy();
        merged.Merge(b);
        return merged;
    }

    private static void SameFigures(ColumnProfile actual, ColumnProfile expected) =>
        System.Text.Json.JsonSerializer.Serialize(actual, ServerlessJson.Options).ShouldBe(System.Text.Json.JsonSerializer.Serialize(expected, ServerlessJson.Options));
}
