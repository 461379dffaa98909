using System.Text;
using Serverless.Features;
using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

public sealed class HashEncoderTests
{
    // sklearn.utils.murmurhash3_32(text, seed=0), scikit-learn 1.2.1
    [Theory]
    [InlineData("", 0), InlineData("a", 1009084850), InlineData("ab", -1681926305), InlineData("abc", -1277324294), InlineData("abcd", 1139631978), InlineData("JFK", -1123717656)]
    [InlineData("Zürich", 694770001), InlineData("北京", 666955079), InlineData("👍🏽 ok", -897354659), InlineData("hello world, this is a longer text", -148201833)]
    public void Hash_KnownTexts_IsSklearns(string text, int hash)
    {
        MurmurHash3.Hash(Encoding.UTF8.GetBytes(text)).ShouldBe(hash);
        MurmurHash3.Bucket(text, 1000).ShouldBe(Math.Abs(hash) % 1000);
    }

    [Fact]
    public void Bucket_SmallestHash_IsWithinTheBuckets() => MurmurHash3.Bucket(int.MinValue, 1000).ShouldBe((int.MaxValue - 999) % 1000);

    [Fact]
    public void Bucket_LongText_IsTheHashOfItsUtf8()
    {
        var text = string.Concat(Enumerable.Repeat("Flüge nach 北京 ", 400));
        MurmurHash3.Bucket(text, 977).ShouldBe(MurmurHash3.Bucket(MurmurHash3.Hash(Encoding.UTF8.GetBytes(text)), 977));
    }

    [Theory, InlineData(1234, "1234"), InlineData(0.1, "0.1"), InlineData(-0.0, "0"), InlineData(1e300, "1E+300")]
    public void Bucket_Number_IsThatOfItsText(double number, string text) => MurmurHash3.Bucket(number, 65_536).ShouldBe(MurmurHash3.Bucket(text, 65_536));

    // |murmurhash3_32| % 64 of sklearn: JFK 24, ORD 43
    [Fact]
    public void Fit_Buckets_TakeValuesNeverSeen()
    {
        var plan = Fit(Texts("origin", "JFK", null), Trees, "o: { from: origin, encode: hash, buckets: 64 }");
        (plan.Slots[0].Cardinality, plan.Slots[0].OneHot).ShouldBe((64, false));
        plan.Transform(Texts("origin", "JFK", "ORD", null), [0, 1, 2]).Values.ShouldBe([24, 43, float.NaN]);
        Fit(Texts("origin", "JFK"), Linear, "o: { from: origin, encode: hash, missing: category }").Slots[0].ShouldBe(new Serverless.Training.FeatureSlot("o", 257, true));
    }
}
