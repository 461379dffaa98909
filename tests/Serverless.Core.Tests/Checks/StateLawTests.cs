using System.Text.Json;
using CsCheck;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Profiles;
using Serverless.Sketches;

namespace Serverless.Core.Tests.Checks;

/// <summary>
/// States form a commutative monoid, and merging states of parts is the state of the whole: exactly for counts, extremes, groups and pairs, to rounding for moments, within the
/// stated error for sketches. What is stored comes back.
/// </summary>
public sealed class StateLawTests
{
    private static readonly Gen<double[]> Numbers = Gen.Double[-1000, 1000].Array[0, 30];
    private static readonly Gen<(double X, double Y)[]> Points = Gen.Select(Gen.Double[-1000, 1000], Gen.Double[-1000, 1000]).Array[0, 30];
    private static readonly Gen<string[]> Words = Gen.Int[0, 12].Select(i => "value-" + i).Array[0, 40];

    [Fact]
    public void Counts_Merge() => Laws(Numbers, rows => new CountState(rows.Length), Same);

    [Fact]
    public void Extremes_Merge() => Laws(Numbers, rows => rows.Length == 0 ? new ExtremesState(null, null) : new ExtremesState(rows.Min(), rows.Max()), Same);

    [Fact]
    public void Moments_Merge() => Laws(Numbers, Moments, (a, b) =>
    {
        a.Count.ShouldBe(b.Count);
        Near(a.Mean, b.Mean);
        Near(a.SquaredDeviations, b.SquaredDeviations);
    });

    [Fact]
    public void CoMoments_Merge() => Laws(Points, CoMoments, (a, b) =>
    {
        a.Count.ShouldBe(b.Count);
        Near(a.MeanX, b.MeanX);
        Near(a.MeanY, b.MeanY);
        Near(a.XX, b.XX);
        Near(a.YY, b.YY);
        Near(a.XY, b.XY, 1e-9 * (1 + Math.Sqrt(b.XX * b.YY)));
    });

    [Fact]
    public void Groups_Merge() => Laws(Words, rows => GroupsState.Of(Count(rows.Select(GroupKey.Of))), Same);

    [Fact]
    public void Pairs_Merge() => Laws(Words, rows => PairsState.Of(Count(rows.Select(r => $"c7:{r[..7]}{r.Length - 6}:{r[6..]}"))), (a, b) =>
    {
        a.Rows.ShouldBe(b.Rows);
        a.Mutual.ShouldBe(b.Mutual, 1e-12);
    });

    [Fact]
    public void DataTypes_Merge() => Laws(Words, rows => new DataTypesState(rows.Count(r => r.EndsWith('1')), rows.Count(r => r.EndsWith('2')), rows.Count(r => r.EndsWith('3')), 0,
        rows.Count(r => !"123".Contains(r[^1]))), Same);

    [Fact]
    public void Columns_Merge() => Laws(Gen.Int[1, 9].Array[0, 4], rows => rows.Aggregate(ColumnsState.None, (s, r) => (ColumnsState)s.Merge(new ColumnsState(9, r, 9 - r, r % 3))), Same);

    [Fact]
    public void Values_Merge() => Laws(Words, rows => new ValuesOfColumnState(Column(rows)), (a, b) =>
    {
        (a.Column.Count, a.Column.Distinct).ShouldBe((b.Column.Count, b.Column.Distinct));
    });

    [Fact]
    public void Groups_TooManyToKeep_NeedTheRows()
    {
        var large = GroupsState.Of(Count(Enumerable.Range(0, GroupsState.MostKept + 1).Select(i => GroupKey.Of($"{i}"))));
        large.Frequencies.ShouldBeNull();
        large.Groups.ShouldBe(GroupsState.MostKept + 1);
        large.Merge(new GroupsState(1, 1, 1, 1, 0)).ShouldBeNull();
        new GroupsState(3, 2, 1, 1, 0.5).Merge(GroupsState.None).ShouldBe(new GroupsState(3, 2, 1, 1, 0.5));
    }

    [Fact]
    public void Figures_NeedTheRows()
    {
        new FigureState(1).Merge(new FigureState(2)).ShouldBeNull();
        new FigureState(1).Merge(new FigureState(null)).ShouldBe(new FigureState(1));
    }

    // scipy.stats.pearsonr([1, 2, 3, 4, 5], [2, 1, 4, 3, 7]) = 0.824163383692134
    [Fact]
    public void Correlation_OfTwoHalves_IsThatOfTheWhole() => ((CoMomentsState)CoMoments([(1, 2), (2, 1)]).Merge(CoMoments([(3, 4), (4, 3), (5, 7)]))).Correlation!.Value
        .ShouldBe(0.824163383692134, 1e-12);

    // sklearn.metrics.mutual_info_score([0, 0, 1, 1, 2], [0, 0, 1, 2, 2]) = 0.777661295762166
    [Fact]
    public void MutualInformation_OfTwoHalves_IsThatOfTheWhole()
    {
        static PairsState Of(params string[] pairs) => PairsState.Of(Count(pairs.Select(p => $"c1:{p[0]}1:{p[1]}")));
        ((PairsState)Of("00", "00").Merge(Of("11", "12", "22"))!).Mutual.ShouldBe(0.777661295762166, 1e-12);
    }

    [Fact]
    public void Key_OfAnyText_ComesBack() => Gen.Select(Gen.String, Gen.String).Where((a, b) => !a.Concat(b).Any(char.IsSurrogate)).Sample((a, b) =>
        GroupKey.Split("c" + GroupKey.Of(a)[1..] + GroupKey.Of(b)[1..]).ShouldBe([a, b]));

    [Fact]
    public void Key_WithLettersBeyondTheBasicPlane_ComesBack() => GroupKey.Split("c" + GroupKey.Of("a😀b")[1..] + GroupKey.Of("é")[1..]).ShouldBe(["a😀b", "é"]);

    private static void Laws<T, TState>(Gen<T[]> rows, Func<T[], TState> state, Action<TState, TState> same) where TState : AggregateState => Gen.Select(rows, rows, rows).Sample((a, b, c) =>
    {
        TState Merge(AggregateState x, AggregateState y) => (TState)x.Merge(y)!;
        same(Merge(state(a), state(b)), state([.. a, .. b]));
        same(Merge(state(a), state(b)), Merge(state(b), state(a)));
        same(Merge(Merge(state(a), state(b)), state(c)), Merge(state(a), Merge(state(b), state(c))));
        same(Merge(state(a), state([])), state(a));
        same(Merge(state([]), state(a)), state(a));

        var stored = JsonSerializer.Deserialize<StoredState>(JsonSerializer.Serialize(new StoredState("k", state(a)), ServerlessJson.Options), ServerlessJson.Options)!;
        same((TState)stored.State, state(a));
        same(Merge(stored.State, state(b)), state([.. a, .. b]));
    }, iter: 200);

    private static void Same<TState>(TState a, TState b) => a.ShouldBe(b);

    private static void Near(double actual, double expected, double? tolerance = null) => actual.ShouldBe(expected, tolerance ?? 1e-9 * (1 + Math.Abs(expected)));

    private static MomentsState Moments(double[] rows)
    {
        var mean = rows.Length == 0 ? 0 : rows.Average();
        return new MomentsState(rows.Length, mean, rows.Sum(r => (r - mean) * (r - mean)));
    }

    private static CoMomentsState CoMoments((double X, double Y)[] rows)
    {
        if (rows.Length == 0) return CoMomentsState.None;
        var (x, y) = (rows.Average(r => r.X), rows.Average(r => r.Y));
        return new CoMomentsState(rows.Length, x, y, rows.Sum(r => (r.X - x) * (r.X - x)), rows.Sum(r => (r.Y - y) * (r.Y - y)), rows.Sum(r => (r.X - x) * (r.Y - y)));
    }

    private static FrequencySketch<string> Count(IEnumerable<string> keys)
    {
        var counts = new FrequencySketch<string>();
        foreach (var key in keys) counts.Add(key);
        return counts;
    }

    private static ColumnState Column(string[] rows)
    {
        var column = (ValuesState<string>)ColumnState.Create("word", ColumnType.String);
        var groups = rows.GroupBy(r => r).OrderBy(g => g.Key, StringComparer.Ordinal).ToArray();
        column.Add([.. groups.Select(g => g.Key)], [.. groups.Select(g => g.LongCount())]);
        return column;
    }
}
