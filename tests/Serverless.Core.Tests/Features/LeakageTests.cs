using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features;

public sealed class LeakageTests
{
    [Theory]
    [InlineData("d: delay"), InlineData("d: { from: \"delay / 60.0\", log: signed }"), InlineData("d: \"delay > 30 ? distance : 0\"")]
    public void Problems_FeatureOfTheLabelsColumn_NamesBoth(string feature) => Wrong("lightgbm", "delay > 15", feature).ShouldHaveSingleItem().ShouldContain(
        "feature 'd': it reads 'delay', of which the label 'delay > 15' is made, so it would know the answer in training and not when it is asked. "
        + "Leave it out; values of earlier rows come from a feature view (features/<view>.yaml)");

    [Theory]
    [InlineData("a: arrived.Hour", "it reads 'arrived', which is known only 6h after the row's time (datasets/flights.yaml(12): knownAfter): too late for a prediction")]
    [InlineData("r: { from: refund, bins: 3 }", "it reads 'refund', which is known only some time after the row's time (datasets/flights.yaml(13): knownAfter): too late for a prediction")]
    public void Problems_FeatureOfAColumnKnownLater_NamesItAndTheContract(string feature, string message) =>
        Wrong("lightgbm", "delay > 15", feature).ShouldHaveSingleItem().ShouldContain(message);

    // The row's own time is no leak, even where the label takes it into account.
    [Fact]
    public void Problems_LabelWithTheRowsTime_LeavesTheTimeToFeatures() => Wrong("lightgbm", "delay > 15 && date.Hour > 4", "hour: date.Hour").ShouldBeEmpty();

    // What the contract marks is the future; the label's other columns are known.
    [Fact]
    public void Problems_LabelOfMarkedAndOtherColumns_RefusesTheMarkedOnly()
    {
        Wrong("lightgbm", "(arrived - date).TotalHours > distance / 400", "d: distance").ShouldBeEmpty();
        Wrong("lightgbm", "(arrived - date).TotalHours > distance / 400", "d: arrived.Hour").ShouldHaveSingleItem().ShouldContain("it reads 'arrived', of which the label");
    }
}
