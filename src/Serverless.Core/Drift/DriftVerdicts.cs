using System.Globalization;

namespace Serverless.Drift;

/// <summary>From what was measured to what is said: worst part, correction, threshold, severity.</summary>
internal static class DriftVerdicts
{
    public static IReadOnlyList<DriftColumn> Judge(IReadOnlyList<ColumnFinding> findings, DriftSettings settings)
    {
        DriftColumn[] columns = [.. findings.Select(f => Measured(f, settings))];
        int[] tested = [.. Enumerable.Range(0, columns.Length).Where(i => columns[i].PValue is not null)];
        if (settings.Correction != PValueCorrection.None)
        {
            var adjusted = MultipleTesting.Adjust([.. tested.Select(i => columns[i].PValue!.Value)], settings.Correction);
            for (var k = 0; k < tested.Length; k++) columns[tested[k]] = columns[tested[k]] with { AdjustedPValue = adjusted[k] };
        }

        return [.. columns.Select(c => Judge(c, settings))];
    }

    /// <summary>The band of a p-value: whylogs'.</summary>
    public static DriftSeverity OfPValue(double p, double threshold) =>
        p < threshold ? DriftSeverity.Drift : p <= Math.Min(1, threshold * DriftDefaults.PossiblePValues) && p < 1 ? DriftSeverity.Possible : DriftSeverity.None;

    /// <summary>The band of an effect size: possible from half the threshold on.</summary>
    public static DriftSeverity OfEffect(double effect, double threshold) =>
        effect >= threshold ? DriftSeverity.Drift : effect >= threshold * DriftDefaults.PossibleEffects ? DriftSeverity.Possible : DriftSeverity.None;

    private static DriftColumn Measured(ColumnFinding finding, DriftSettings settings)
    {
        var column = new DriftColumn
        {
            Name = finding.Name, Type = finding.Type, Method = settings.Method, Drifted = false, Severity = DriftSeverity.None, Missing = finding.Missing,
            NotApplicable = finding.NotApplicable, Distribution = finding.Distribution,
            Parts = finding.Derived ? [.. finding.Parts.Select(Document)] : null,
        };
        PartFinding[] measured = [.. finding.Parts.Where(p => p.Measure is not null)];
        if (measured.Length == 0) return column with { Method = finding.Parts.FirstOrDefault(p => p.Method is not null)?.Method!.Name ?? settings.Method };

        // Parts of one column may be of both scales; the one that is furthest beyond its threshold speaks for the column. p-values are corrected for the number of parts.
        var worst = measured.MaxBy(p => Excess(p, measured.Length, settings))!;
        var (method, measure) = (worst.Method!, worst.Measure!);
        var threshold = settings.Threshold ?? method.DefaultThreshold;
        return column with
        {
            Method = method.Name,
            Statistic = measure.Statistic,
            Normalised = measure.Normalised,
            PValue = measure.PValue is { } p ? Math.Min(1, p * measured.Length) : null,
            ChancePValue = worst.Chance is { } chance ? Math.Min(1, chance * measured.Length) : null,
            Threshold = threshold,
            Expectation = Expectation(worst.Name, method, measure, threshold, settings),
            Rule = finding.Derived ? $"{worst.Name}: {measure.Rule}{(measure.PValue is null ? "" : $"; p times {measured.Length} parts")}" : measure.Rule,
        };
    }

    private static DriftColumn Judge(DriftColumn column, DriftSettings settings)
    {
        var severity = column.Threshold is not { } threshold ? DriftSeverity.None
            : column.PValue is { } p ? OfPValue(column.AdjustedPValue ?? p, threshold)
            : OfEffect(column.Normalised ?? column.Statistic!.Value, threshold);
        if (severity == DriftSeverity.Drift && column.ChancePValue is { } chance && !(chance < DriftDefaults.PValue)) severity = DriftSeverity.Possible;
        var drifted = severity == DriftSeverity.Drift || column.Missing.Drifted;
        return column with { Drifted = drifted, Severity = drifted ? DriftSeverity.Drift : severity };
    }

    private static double Excess(PartFinding part, int parts, DriftSettings settings)
    {
        var threshold = settings.Threshold ?? part.Method!.DefaultThreshold;
        if (part.Measure!.PValue is { } p) return Math.Log(threshold) - Math.Log(Math.Max(double.Epsilon, p * parts));
        var beyondChance = part.Chance is not { } chance || chance * parts < DriftDefaults.PValue;
        return Math.Log(Math.Max(double.Epsilon, part.Measure.Normalised ?? part.Measure.Statistic)) - Math.Log(threshold) - (beyondChance ? 0 : 1000);
    }

    private static DriftPart Document(PartFinding part) => new()
    {
        Name = part.Name, Method = part.Method?.Name ?? "", Statistic = part.Measure?.Statistic, Normalised = part.Measure?.Normalised, PValue = part.Measure?.PValue,
        ChancePValue = part.Chance, NotApplicable = part.NotApplicable,
    };

    private static string Expectation(string name, IDriftMethod method, DriftMeasure measure, double threshold, DriftSettings settings)
    {
        var figure = $"{method.Name}({name})";
        var limit = threshold.ToString("R", CultureInfo.InvariantCulture);
        return measure.PValue is not null
            ? $"{(settings.Correction == PValueCorrection.None ? "p" : "corrected p")} of {figure} below {limit}"
            : $"{(measure.Normalised is null ? "" : "normalised ")}{figure} at least {limit}";
    }
}
