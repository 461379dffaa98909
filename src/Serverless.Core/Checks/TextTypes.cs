using System.Text.RegularExpressions;

namespace Serverless.Checks;

/// <summary>
/// What a text reads as: null, fractional, integral, boolean, in this order; anything else is text. RE2 and .NET understand the expressions alike. A line end is no
/// digit, so [0-9] stands for the \d of the source: Deequ, StatefulDataType.
/// </summary>
public static partial class TextTypes
{
    public const string Fractional = @"(-|\+)? ?[0-9]*\.[0-9]*";
    public const string Integral = @"(-|\+)? ?[0-9]+";
    public const string Boolean = "true|false";

    public static bool IsFractional(string text) => FractionalOnly().IsMatch(text);

    public static bool IsIntegral(string text) => IntegralOnly().IsMatch(text);

    public static bool IsBoolean(string text) => text is "true" or "false";

    [GeneratedRegex($@"\A(?:{Fractional})\z", RegexOptions.CultureInvariant)]
    private static partial Regex FractionalOnly();

    [GeneratedRegex($@"\A(?:{Integral})\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntegralOnly();
}
