using CsCheck;
using Serverless.Scoring.Predictors;

namespace Serverless.Core.Tests.Scoring.Predictors;

public sealed class LeafTableTests
{
    private const int Slots = 5;

    private static readonly float[] Edges =
        [float.NaN, float.NegativeInfinity, float.PositiveInfinity, 0, -0f, float.Epsilon, -float.Epsilon, 1e-35f, -1e-35f, 1e-36f, 2e-35f, -2e-35f, -1, 31, 32, 33, 63.5f, 64, 1e9f, int.MaxValue, float.MaxValue];

    [Theory, InlineData(1, 31), InlineData(2, 64), InlineData(3, 7), InlineData(4, 1)]
    public void Answers_EveryKindOfSplit_AreThoseOfTheWalkToTheLastBit(int seed, int leaves)
    {
        var (walked, tabled) = (Ensemble(seed, leaves, trees: 12, outputs: 3), Ensemble(seed, leaves, trees: 12, outputs: 3));
        tabled.MakeTable();
        tabled.HasTable.ShouldBeTrue();

        Gen.Select(Gen.Float.Array[Slots], Gen.Int[0, 99].Array[Slots], Gen.Int[0, Edges.Length - 1].Array[Slots], Gen.Int[0, 3].Array[Slots]).Sample((any, whole, edge, which) =>
        {
            float[] row = [.. Enumerable.Range(0, Slots).Select(i => which[i] switch { 0 => any[i], 1 => whole[i], 2 => Edges[edge[i]], _ => whole[i] / 7f })];
            double[] expected = [0, 0, 0], got = [0, 0, 0];
            walked.Raw(row, expected);
            tabled.Raw(row, got);
            got.ShouldBe(expected);
        }, iter: 400, threads: 1, seed: "0000KzjVHQA1");
    }

    [Fact]
    public void Batch_LargeEnoughForATable_HasTheAnswersOfTheWalk()
    {
        var (walked, tabled) = (Ensemble(7, 31, trees: 20, outputs: 1), Ensemble(7, 31, trees: 20, outputs: 1));
        var random = new Random(7);
        float[] rows = [.. Enumerable.Range(0, 2000 * Slots).Select(_ => random.Next(20) == 0 ? float.NaN : random.Next(70))];
        double[] expected = new double[2000], got = new double[2000];
        for (var r = 0; r < 2000; r += 500) walked.PredictMany(rows.AsSpan(r * Slots, 500 * Slots), 500, Slots, expected.AsSpan(r, 500));

        tabled.PredictMany(rows, 2000, Slots, got);

        walked.HasTable.ShouldBeFalse();
        tabled.HasTable.ShouldBeTrue();
        got.ShouldBe(expected);
    }

    [Fact]
    public void Table_TreesOfMoreThan64Leaves_IsNotMadeAndTheWalkAnswers()
    {
        var trees = Ensemble(1, 65, trees: 3, outputs: 1);
        double[] before = [0], after = [0];
        trees.Raw(new float[Slots], before);

        trees.MakeTable();

        trees.HasTable.ShouldBeFalse();
        trees.Raw(new float[Slots], after);
        after.ShouldBe(before);
    }

    [Fact]
    public void Answers_ManySingleRows_StayTheSameWhileTheTableIsMade()
    {
        var trees = Ensemble(3, 31, trees: 100, outputs: 1);
        float[] row = [3, 17, float.NaN, 40, 5];
        double[] first = [0], later = [0];
        trees.Raw(row, first);

        for (var waited = 0; !trees.HasTable && waited < 1000; waited++)
        {
            for (var i = 0; i < 200; i++)
            {
                trees.Raw(row, later);
                later.ShouldBe(first);
            }

            Thread.Sleep(10);
        }

        trees.HasTable.ShouldBeTrue();
        trees.Raw(row, later);
        later.ShouldBe(first);
    }

    private static TreeEnsemble Ensemble(int seed, int leaves, int trees, int outputs)
    {
        var random = new Random(seed);
        var builder = new TreeEnsembleBuilder(outputs);
        for (var t = 0; t < trees; t++)
        {
            var (first, next) = (builder.NextNode, builder.NextNode);
            Grow(leaves);
            builder.AddTree(leaves == 1 ? ~(builder.NextLeaf - 1) : first);

            // Children follow their parent: the left subtree at once, the right one behind it.
            int Grow(int count)
            {
                if (count == 1) return ~builder.AddLeaf(random.NextDouble() - 0.5);
                var mine = next++;
                var left = random.Next(1, count);
                var place = (Left: left == 1 ? int.MinValue : next, Right: 0);
                var rightNode = mine + left; // a subtree of n leaves has n - 1 nodes
                var (leftChild, rightChild) = (left == 1 ? ~builder.AddLeaf(random.NextDouble() - 0.5) : place.Left, count - left == 1 ? ~builder.AddLeaf(random.NextDouble() - 0.5) : rightNode);
                Add(leftChild, rightChild);
                if (left > 1) Grow(left);
                if (count - left > 1) Grow(count - left);
                return mine;
            }
        }

        return builder.Build();

        void Add(int left, int right)
        {
            var slot = random.Next(Slots);
            var threshold = random.Next(4) == 0 ? 0 : random.NextDouble() * 80 - 5;
            switch (random.Next(6))
            {
                case 0: builder.AddNumber(slot, threshold, missingLeft: false, left, right); break;
                case 1: builder.AddNumber(slot, threshold, missingLeft: true, left, right); break;
                case 2: builder.AddZeroMissing(slot, threshold, missingLeft: true, left, right); break;
                case 3: builder.AddZeroMissing(slot, threshold, missingLeft: false, left, right); break;
                case 4: builder.AddCategory(slot, random.Next(70), left, right); break;
                default: builder.AddCategories(slot, random.Next(2) == 0 ? [(uint)random.NextInt64(1L << 32)] : [(uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32)], left, right); break;
            }
        }
    }
}
