using Serverless.Features;
using Serverless.Problems;
using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

public sealed class NumberEncoderTests
{
    private static float[] Column(string feature, params double?[] values) => [.. Encode(Numbers(values), Trees, feature).Select(r => r[0])];

    // sklearn 1.2.1: RobustScaler().fit([1, 2, 2, 3, 7, 11, 50]) has centre 3 and scale 7
    [Fact]
    public void Robust_SevenValues_IsSklearnsRobustScaler() =>
        Column("d: { from: distance, scale: robust }", 1, 2, 2, 3, 7, 11, 50).ShouldBe([-2 / 7f, -1 / 7f, -1 / 7f, 0, 4 / 7f, 8 / 7f, 47 / 7f]);

    [Fact]
    public void MinMax_TrainingValues_AreFromZeroToOne() => Column("d: { from: distance, scale: min-max }", -10, 0, 30).ShouldBe([0, 0.25f, 1]);

    // Population deviation, as sklearn's StandardScaler.
    [Fact]
    public void Standard_TwoValues_AreMinusOneAndOne() => Column("d: { from: distance, scale: standard }", 4, 10).ShouldBe([-1, 1]);

    [Theory, InlineData("robust"), InlineData("min-max"), InlineData("standard")]
    public void Scale_ConstantValue_IsZeroAndNotNaN(string scale) => Column($"d: {{ from: distance, scale: {scale} }}", 5, 5, 5).ShouldBe([0, 0, 0]);

    [Fact]
    public void ScaleNone_TrainerThatScales_LeavesTheNumber() => Encode(Numbers(4, 10), Linear, "d: { from: distance, scale: none }").Select(r => r[0]).ShouldBe([4, 10]);

    // numpy.log1p
    [Fact]
    public void Log_Natural_IsLog1p() =>
        Column("d: { from: distance, log: true }", 1e-12, 1e-5, 0.5, 3, 0).ShouldBe([1e-12f, 9.99995e-06f, 0.405465108f, 1.386294361f, 0]);

    [Theory, InlineData(1e-300), InlineData(1e-16), InlineData(3e-9), InlineData(0.1), InlineData(1e15), InlineData(1e300)]
    public void Log1P_SmallAndLarge_IsExact(double x) =>
        // The series where x is small: Math.Log(1 + x) has no digit of x left there.
        Logarithm.Log1P(x).ShouldBe(x < 1e-8 ? x - x * x / 2 : Math.Log(1 + x), Math.Max(1e-15 * Math.Abs(Math.Log(1 + x)), x * 1e-15));

    [Fact]
    public void Log_Signed_IsOdd() => Column("d: { from: distance, log: signed }", -3, 3, 0).ShouldBe([-1.386294361f, 1.386294361f, 0]);

    [Fact]
    public void Log_NegativeTrainingValue_SaysWhatToDo() => Should.Throw<DataException>(() => Column("d: { from: distance, log: true }", -3, 3)).Message.ShouldBe(
        "feature 'd' of model 'late': 'log: true' takes numbers from 0, and 'distance' is negative in 1 training rows; use 'log: signed', or mend the data");

    [Fact]
    public void Log_NegativeLater_CountsAsMissing()
    {
        var plan = Fit(Numbers(0, 1, 3), Trees, "d: { from: distance, log: true, missing: median, indicator: true }");
        plan.Transform(Numbers(-5), [0]).Values.ShouldBe([(float)Math.Log(2), 1]);
    }

    [Fact]
    public void Missing_EachStrategy_FillsOnTheScaleOfTheFeature()
    {
        double?[] values = [1, 1, 7, null];
        Column("d: { from: distance, missing: keep }", values)[3].ShouldBe(float.NaN);
        Column("d: { from: distance, missing: mean }", values)[3].ShouldBe(3);
        Column("d: { from: distance, missing: median }", values)[3].ShouldBe(1);
        Column("d: { from: distance, missing: most-frequent }", values)[3].ShouldBe(1);
        Column("d: { from: distance, missing: -2 }", values)[3].ShouldBe(-2);
        Column("d: { from: distance, missing: 7, scale: min-max }", values)[3].ShouldBe(1);
        Column("d: { from: distance, missing: 7, log: true }", values)[3].ShouldBe((float)Math.Log(8));
    }

    [Fact]
    public void Indicator_MissingInfiniteAndTooLarge_AreOne()
    {
        var plan = Fit(Numbers(1, 2), Trees, "d: { from: distance, missing: median, indicator: true }", "e: distance");
        plan.Slots.Select(s => (s.Name, s.Feature)).ShouldBe([("d", "d"), ("d.missing", "d"), ("e", "e")]);
        plan.State.SlotCount().ShouldBe(3);
        plan.Transform(Numbers(1, null, double.PositiveInfinity, 1e300), [0, 1, 2, 3]).Values.ShouldBe([1, 0, 1, 1.5f, 1, 1.5f, 1.5f, 1, 1.5f, 1.5f, 1, 1.5f]);
    }
}
