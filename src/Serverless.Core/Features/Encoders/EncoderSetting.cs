using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Features;

/// <summary>A key of a feature that an encoder gives meaning to.</summary>
/// <param name="Check">Says what was expected; null when the value is right.</param>
internal sealed record EncoderSetting(string Name, Func<Parameter, string?> Check)
{
    public static EncoderSetting Whole(string name, int min, int max) => new(name, value =>
        !value.IsList && int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? null : FormattableString.Invariant($"should be a whole number from {min} to {max}"));

    public static EncoderSetting Word(string name, params string[] words) => new(name, value =>
        !value.IsList && words.Contains(value.Text) ? null
        : $"cannot be that.{(Suggest.Closest(value.Text, words) is { } close ? $" Did you mean '{close}'?" : "")} Allowed: {string.Join(", ", words)}");

    /// <summary>Numbers in ascending order, each once.</summary>
    public static EncoderSetting Ascending(string name) => new(name, value =>
    {
        var numbers = value.Items.Select(Number).ToArray();
        return numbers.Length > 0 && numbers.All(double.IsFinite) && numbers.Zip(numbers.Skip(1)).All(p => p.First < p.Second) ? null : "should be numbers in ascending order, such as [200, 500]";
    });

    /// <summary>A whole number, or two of which the second is not smaller.</summary>
    public static EncoderSetting Range(string name, int min, int max) => new(name, value =>
    {
        var numbers = value.Items.Select(i => int.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return numbers.Length is 1 or 2 && numbers.All(n => n >= min && n <= max) && numbers[0] <= numbers[^1] ? null
            : FormattableString.Invariant($"should be a whole number from {min} to {max}, or two such as [{min}, {max}]");
    });

    public static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}

/// <summary>Settings of a feature that were checked already.</summary>
internal static class FeatureSettings
{
    public static bool Has(this FeatureDefinition feature, string key) => feature.Settings.ContainsKey(key);

    public static int Whole(this FeatureDefinition feature, string key, int otherwise) =>
        feature.Settings.TryGetValue(key, out var value) ? int.Parse(value.Text, CultureInfo.InvariantCulture) : otherwise;

    public static string Word(this FeatureDefinition feature, string key, string otherwise) => feature.Settings.TryGetValue(key, out var value) ? value.Text : otherwise;

    public static IReadOnlyList<string> Texts(this FeatureDefinition feature, string key) => feature.Settings.TryGetValue(key, out var value) ? value.Items : [];
}
