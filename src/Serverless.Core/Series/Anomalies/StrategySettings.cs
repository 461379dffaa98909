using System.Globalization;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Series.Anomalies;

public enum StrategyParameterKind { Number, Whole, Flag, Word }

/// <summary>A parameter that a strategy takes.</summary>
/// <param name="Default">As the file would write it; null = off unless given.</param>
/// <param name="CanBeOff">The file may say <c>none</c>.</param>
/// <param name="Words">For a word: those that exist.</param>
public sealed record StrategyParameter(string Name, StrategyParameterKind Kind, string? Default = null, double Min = double.NegativeInfinity, double Max = double.PositiveInfinity,
    bool CanBeOff = false, IReadOnlyList<string>? Words = null)
{
    /// <summary>What is wrong with a value of the file; null when nothing is.</summary>
    public string? Problem(Parameter value)
    {
        var text = value.Text;
        if (value.IsList) return $"'{Name}' must be one value, not a list.";
        if (CanBeOff && text == StrategySettings.Off) return null;
        switch (Kind)
        {
            case StrategyParameterKind.Flag: return text is "true" or "false" ? null : $"'{Name}' must be true or false, not '{text}'.";
            case StrategyParameterKind.Word: return Words!.Contains(text) ? null : $"'{Name}' cannot be '{text}'.{Suggest.Hint(text, Words!)}";
            default:
                var kind = Kind == StrategyParameterKind.Whole ? "a whole number" : "a number";
                if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)
                    || (Kind == StrategyParameterKind.Whole && number != Math.Floor(number)))
                {
                    return $"'{Name}' must be {kind}{(CanBeOff ? $" or '{StrategySettings.Off}'" : "")}, not '{text}'.";
                }

                return number >= Min && number <= Max ? null : string.Create(CultureInfo.InvariantCulture, $"'{Name}' must be {Range()}, not {text}.");
        }
    }

    private string Range() => double.IsPositiveInfinity(Max) ? string.Create(CultureInfo.InvariantCulture, $"at least {Min}") : string.Create(CultureInfo.InvariantCulture, $"from {Min} to {Max}");
}

/// <summary>The parameters of one use of a strategy, defaults included.</summary>
public sealed class StrategySettings
{
    internal const string Off = "none";

    private readonly SortedDictionary<string, string> values = new(StringComparer.Ordinal);

    /// <param name="given">As the file states them; each is known and in its range.</param>
    /// <param name="grain">Length of a period, for strategies that know seasons.</param>
    public StrategySettings(IAnomalyStrategy strategy, IReadOnlyDictionary<string, string> given, PartitionGrain grain = PartitionGrain.Day)
    {
        Grain = grain;
        foreach (var parameter in strategy.Parameters)
        {
            if ((given.TryGetValue(parameter.Name, out var text) ? text : parameter.Default) is { } value) values[parameter.Name] = value;
        }
    }

    public PartitionGrain Grain { get; }

    /// <summary>Everything that was used, for reports.</summary>
    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>Null when it is off.</summary>
    public double? Number(string name) =>
        values.TryGetValue(name, out var text) && text != Off ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    public int Whole(string name) => (int)(Number(name) ?? 0);

    public bool Flag(string name) => values.TryGetValue(name, out var text) && text == "true";

    public string? Word(string name) => values.TryGetValue(name, out var text) && text != Off ? text : null;
}
