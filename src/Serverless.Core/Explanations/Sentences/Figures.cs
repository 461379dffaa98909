using System.Globalization;

namespace Serverless.Explanations.Sentences;

/// <summary>Numbers as a person writes them: up to four digits that matter, thousands in groups.</summary>
internal static class Figures
{
    /// <param name="group">Between thousands.</param>
    /// <param name="point">Before the fraction.</param>
    public static string Number(double value, string group, string point)
    {
        var format = new NumberFormatInfo { NumberGroupSeparator = group, NumberDecimalSeparator = point, NegativeSign = "-" };
        if (value == Math.Truncate(value) && Math.Abs(value) < 1e15) return value.ToString("#,0", format);
        var size = Math.Abs(value);
        if (size is >= 1e15 or < 1e-6) return value.ToString("0.###e+0", format);
        var decimals = Math.Clamp(3 - (int)Math.Floor(Math.Log10(size)), 0, 9);
        return value.ToString("#,0." + new string('#', decimals), format);
    }

    /// <summary>A probability in per cent: whole, but with a decimal where near certainty whole ones would say too much.</summary>
    public static string Percent(double share, string point)
    {
        var percent = 100 * share;
        var decimals = percent is < 1 or > 99 ? 1 : 0;
        return Math.Round(percent, decimals, MidpointRounding.AwayFromZero).ToString(decimals == 1 ? "0.#" : "0", new NumberFormatInfo { NumberDecimalSeparator = point });
    }
}
