namespace Serverless.Suggestions.Rules;

/// <summary>
/// A number should stay in about the range that was seen: a tenth of it wider on each side, rounded outwards to two significant digits. A side with a heavy tail (the
/// extreme is further from the outermost hundredth than that is from the median) says little of the next extreme: there a limit is suggested only from ten
/// partitions up, and half as far again behind that hundredth.
/// </summary>
internal sealed class NumberRange : ISuggestionRule
{
    private const double Margin = 0.1;
    private const long LeastRows = 30;
    private const int LeastParts = 10;

    public string Name => "range";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (sample is not { Min: { } min, Max: { } max, Percentiles: var (p1, p50, p99), Filled: >= LeastRows } || CategoricalRange.Applies(sample)) yield break;

        // Keys and running numbers grow: their range is no property of theirs.
        if (sample.Distinct == sample.Filled && sample.Column.Type == Datasets.ColumnType.Integer) yield break;
        var evidence = $"{Words.Count(sample.Filled)} values from {Words.Number(min)} to {Words.Number(max)}";
        if (sample.Column.Min is null && min < 0 && Beyond(sample, max - min, p1 - min, p50 - p1) is var (below, why))
        {
            yield return new Suggestion { Check = "min", Column = sample.Column.Name, Min = Outwards(min - below, Math.Floor), Rule = Name, Evidence = evidence + why };
        }

        if (sample.Column.Max is null && Beyond(sample, max - min, max - p99, p99 - p50) is var (above, because))
        {
            yield return new Suggestion { Check = "max", Column = sample.Column.Name, Max = Outwards(max + above, Math.Ceiling), Rule = Name, Evidence = evidence + because };
        }
    }

    /// <summary>How far behind the extreme the limit lies; null when nothing can be said.</summary>
    private static (double Distance, string Why)? Beyond(ColumnSample sample, double range, double tail, double body)
    {
        const string Usual = "; the limit leaves a tenth of that range";
        if (tail <= body) return (Margin * range, Usual);
        return sample.Parts.Count < LeastParts ? null : Math.Max(Margin * range, tail / 2) is var distance && distance > Margin * range
            ? (distance, "; the tail is heavy, so the limit lies half as far again behind the outermost hundredth") : (distance, Usual);
    }

    private static double Outwards(double value, Func<double, double> round)
    {
        if (value == 0) return 0;
        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(value))) - 1;
        if (exponent is < -15 or > 300) return value; // too small or large to be scaled without loss
        return exponent >= 0 ? round(value / Math.Pow(10, exponent)) * Math.Pow(10, exponent) : Math.Round(round(value * Math.Pow(10, -exponent)) / Math.Pow(10, -exponent), Math.Min(15, -exponent));
    }
}
