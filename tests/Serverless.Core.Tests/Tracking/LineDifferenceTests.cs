using Serverless.Tracking;

namespace Serverless.Core.Tests.Tracking;

public sealed class LineDifferenceTests
{
    // As diff(1) shows it.
    [Theory]
    [InlineData("a\nb\nc\n", "a\nc\n", "- b")]
    [InlineData("a\nc\n", "a\nb\nc\n", "+ b")]
    [InlineData("a\nb\n", "a\nx\n", "- b|+ x")]
    [InlineData("a\r\nb", "a\nb\n", "")]
    [InlineData("", "a\nb", "+ a|+ b")]
    public void Of_TwoTexts_IsWhatDiffers(string left, string right, string expected) => string.Join('|', LineDifference.Of(left, right)).ShouldBe(expected);
}
