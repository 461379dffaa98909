using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

public sealed class CategoryEncoderTests
{
    private static readonly string?[] Seen = ["b", "a", "b", null];

    [Fact]
    public void MissingCategory_MissingAndNeverSeen_AreTheLastCategory()
    {
        var plan = Fit(Texts("origin", Seen), Trees, "o: { from: origin, missing: category }");
        plan.Slots[0].Cardinality.ShouldBe(3);
        plan.Transform(Texts("origin", "a", "b", null, "zz"), [0, 1, 2, 3]).Values.ShouldBe([0, 1, 2, 2]);
    }

    [Fact]
    public void MostFrequent_MissingAndNeverSeen_AreTheCommonest() =>
        Fit(Texts("origin", Seen), Trees, "o: { from: origin, missing: most-frequent, indicator: true }").Transform(Texts("origin", "a", null, "zz"), [0, 1, 2]).Values.ShouldBe([0, 0, 1, 1, 1, 1]);

    [Fact]
    public void Numbers_AsCategory_KeepTheirOrder()
    {
        var plan = Fit(Numbers(10, 9, 10.5, null), Linear, "d: { from: distance, encode: one-hot }");
        plan.State.Features[0].Categories.ShouldBe(["9", "10", "10.5"]);
        plan.Slots[0].OneHot.ShouldBeTrue();
        plan.Transform(Numbers(10.5, 9, 11), [0, 1, 2]).Values.ShouldBe([2, 0, float.NaN]);
    }
}
