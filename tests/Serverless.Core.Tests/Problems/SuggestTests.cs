using Serverless.Problems;

namespace Serverless.Core.Tests.Problems;

public sealed class SuggestTests
{
    [Theory]
    [InlineData("flight", "flights")]
    [InlineData("completness", "completeness")]
    [InlineData("fligths", "flights")]
    public void Closest_SlipOfTheKeys_IsTheNameMeant(string typed, string meant) =>
        Suggest.Closest(typed, ["weather", "flights", "completeness"]).ShouldBe(meant);

    [Fact]
    public void Hint_NothingClose_ListsWhatExists() =>
        Suggest.Hint("customers", ["weather", "flights"]).ShouldBe(" Known: flights, weather.");

    [Theory]
    [InlineData("flight", "; did you mean 'flights'?")]
    [InlineData("customers", ". Known: flights, weather.")]
    public void Ending_AnyName_ClosesTheSentence(string typed, string ending) => Suggest.Ending(typed, ["weather", "flights"]).ShouldBe(ending);
}
