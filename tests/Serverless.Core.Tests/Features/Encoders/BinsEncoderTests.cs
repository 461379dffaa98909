using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

public sealed class BinsEncoderTests
{
    // numpy.digitize([...], [200, 500])
    [Fact]
    public void Edges_Given_AreNumpysDigitize()
    {
        var plan = Fit(Numbers(1), Trees, "d: { from: distance, encode: bins, edges: [200, 500], indicator: true }");
        plan.Slots[0].Cardinality.ShouldBe(3);
        plan.Transform(Numbers(-1e9, 199.99, 200, 499, 500, 1e9, null, double.NegativeInfinity), [0, 1, 2, 3, 4, 5, 6, 7]).Values
            .ShouldBe([0, 0, 0, 0, 1, 0, 1, 0, 2, 0, 2, 0, float.NaN, 1, float.NaN, 1]);
    }

    // sklearn.preprocessing.KBinsDiscretizer(4, encode='ordinal', strategy='quantile') on the same: edges 1, 2, 3, 9, 50; bins 0 1 1 2 2 3 3
    [Fact]
    public void Quantiles_SevenValues_AreSklearnsKBinsDiscretizer()
    {
        var table = Numbers(1, 2, 2, 3, 7, 11, 50);
        var plan = Fit(table, Trees, "d: { from: distance, bins: 4 }");
        plan.State.Features[0].Edges.ShouldBe([2, 3, 9]);
        plan.Transform(table, [0, 1, 2, 3, 4, 5, 6]).Values.ShouldBe([0, 1, 1, 2, 2, 3, 3]);
    }

    [Fact]
    public void Quantiles_ManyEqualValues_KeepEachEdgeOnce() =>
        Fit(Numbers(0, 0, 0, 0, 0, 0, 5, 5, 5, 9), Trees, "d: { from: distance, encode: bins }").State.Features[0].Edges!.ShouldBe([2.0000000000000018, 5, 5.3999999999999986], 1e-9);

    [Fact]
    public void MissingCategory_IsABinOfItsOwn()
    {
        var plan = Fit(Numbers(1), Linear, "d: { from: distance, edges: [200], missing: category }");
        plan.Slots[0].ShouldBe(new Serverless.Training.FeatureSlot("d", 3, true));
        plan.Transform(Numbers(1, null), [0, 1]).Values.ShouldBe([0, 2]);
    }
}
