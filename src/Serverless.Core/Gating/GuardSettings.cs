using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Gating;

internal enum GuardSettingKind { Number, Whole, Word, Words, Duration, Size, Latency }

/// <summary>A setting that a guard takes.</summary>
/// <param name="Options">For a word: those that exist.</param>
internal sealed record GuardSetting(string Name, GuardSettingKind Kind, double Min = double.NegativeInfinity, double Max = double.PositiveInfinity, bool Required = false, IReadOnlyList<string>? Options = null)
{
    /// <summary>What is wrong with a value of the file; null when nothing is.</summary>
    public string? Problem(Parameter value)
    {
        if (value.IsList && Kind != GuardSettingKind.Words) return $"'{Name}' must be one value, not a list.";
        switch (Kind)
        {
            case GuardSettingKind.Words: return value.Items.Count > 0 && value.Items.All(i => i.Length > 0) ? null : $"'{Name}' must be a text or a list of texts.";
            case GuardSettingKind.Word:
                return value.Text.Length == 0 ? $"'{Name}' must be a text." : Options is null || Options.Contains(value.Text) ? null : $"'{Name}' cannot be '{value.Text}'.{Suggest.Hint(value.Text, Options)}";
            case GuardSettingKind.Duration: return Durations.TryParse(value.Text, out var span) && span > TimeSpan.Zero ? null : $"'{Name}' must be a duration such as 7d or 12h, not '{value.Text}'.";
            case GuardSettingKind.Size: return GuardSettings.ParseSize(value.Text) is not null ? null : $"'{Name}' must be a size such as 500KB or 20MB, not '{value.Text}'.";
            case GuardSettingKind.Latency: return GuardSettings.ParseSeconds(value.Text) is > 0 ? null : $"'{Name}' must be a time such as 50us, 2ms or 1s, not '{value.Text}'.";
        }

        var kind = Kind == GuardSettingKind.Whole ? "a whole number" : "a number";
        if (!double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) || (Kind == GuardSettingKind.Whole && number != Math.Floor(number)))
        {
            return $"'{Name}' must be {kind}, not '{value.Text}'.";
        }

        return number >= Min && number <= Max ? null
            : double.IsPositiveInfinity(Max) ? string.Create(CultureInfo.InvariantCulture, $"'{Name}' must be at least {Min}, not {value.Text}.")
            : string.Create(CultureInfo.InvariantCulture, $"'{Name}' must be from {Min} to {Max}, not {value.Text}.");
    }
}

/// <summary>The settings of one guard of a model file; each is known and well formed.</summary>
internal sealed class GuardSettings(GuardDefinition definition)
{
    public double? Number(string name) => Text(name) is { } text ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    public int Whole(string name, int otherwise) => (int)(Number(name) ?? otherwise);

    public string? Text(string name) => definition.Settings.TryGetValue(name, out var value) ? value.Text : null;

    public TimeSpan? Duration(string name) => Text(name) is { } text && Durations.TryParse(text, out var value) ? value : null;

    public long? Size(string name) => Text(name) is { } text ? ParseSize(text) : null;

    /// <summary>In seconds.</summary>
    public double? Seconds(string name) => Text(name) is { } text ? ParseSeconds(text) : null;

    /// <summary>Columns or expressions.</summary>
    public IEnumerable<GroupDefinition> Groups(string name) => definition.Settings.TryGetValue(name, out var value)
        ? value.Items.Select(i => new GroupDefinition(i, new ExpressionText(i, value.Line, value.Column))) : [];

    internal static long? ParseSize(string text)
    {
        var shift = text.Length < 3 ? -1 : text[^2..] switch { "KB" => 10, "MB" => 20, "GB" => 30, _ => -1 };
        return shift > 0 && double.TryParse(text.AsSpan(0, text.Length - 2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 1e6 ? (long)(count * (1L << shift)) : null;
    }

    internal static double? ParseSeconds(string text)
    {
        var (length, unit) = text.EndsWith("us", StringComparison.Ordinal) ? (2, 1e-6) : text.EndsWith("ms", StringComparison.Ordinal) ? (2, 1e-3) : text.EndsWith('s') ? (1, 1.0) : (0, 0);
        return length > 0 && double.TryParse(text.AsSpan(0, text.Length - length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count <= 1e6 ? count * unit : null;
    }
}
