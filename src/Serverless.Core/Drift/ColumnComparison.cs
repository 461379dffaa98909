using Serverless.Drift.Methods;
using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift;

/// <summary>Measures one column: what of its values is compared, by which method, and its missing values.</summary>
internal sealed class ColumnComparison(IDriftCatalogue catalogue, DriftSettings settings, long referenceRows)
{
    // An explicit name wins; auto looks at the values.
    private readonly IDriftMethod? asked = catalogue.Column(settings.Method);

    public ColumnFinding Compare(ColumnSample reference, ColumnSample current)
    {
        var type = reference.Count == 0 && current.Count > 0 ? current.Type : reference.Type;
        var finding = new ColumnFinding
        {
            Name = reference.Name, Type = ColumnPairs.Word(type), Parts = [], Derived = false, Missing = MissingComparison.Compare(reference, current),
            Distribution = settings.Distributions ? DriftDistribution.Of(reference, current) : null,
        };
        if (reference.Count == 0 || current.Count == 0)
        {
            return finding with
            {
                NotApplicable = (reference.Count, current.Count) switch
                {
                    (0, 0) => "no row has a value, on either side",
                    (0, _) => "no row of the reference has a value",
                    _ => "no current row has a value",
                },
            };
        }

        return (reference, current) switch
        {
            (TimestampSample a, TimestampSample b) => Derived(finding, TimestampParts.Of(a, b)),
            (CategoricalSample a, CategoricalSample b) when TextParts.IsText(a) && !(asked?.Takes(a, b) == true && TextParts.IsWords(a)) => Derived(finding with { Type = "text" }, TextParts.Of(a, b)),
            _ => Single(finding, reference, current),
        };
    }

    private ColumnFinding Single(ColumnFinding finding, ColumnSample reference, ColumnSample current)
    {
        var part = Measure(finding.Name, reference, current);
        return finding with { Parts = [part], NotApplicable = part.NotApplicable, InsteadOfMethod = part.NotApplicable is null ? null : Fitting(reference, current) };
    }

    private ColumnFinding Derived(ColumnFinding finding, IReadOnlyList<ColumnPart> parts)
    {
        PartFinding[] found = [.. parts.Select(p => p.NotApplicable is { } reason ? new PartFinding(p.Name, null, null, null, reason) : Measure(p.Name, p.Reference!, p.Current!))];
        var measured = found.Any(f => f.Measure is not null);
        return finding with
        {
            Parts = found,
            Derived = true,
            NotApplicable = measured ? null : string.Join("; ", found.Select(f => $"{f.Name}: {f.NotApplicable}")),
            InsteadOfMethod = measured ? null : parts.FirstOrDefault(p => p.NotApplicable is null) is { } part ? Fitting(part.Reference!, part.Current!) : null,
        };
    }

    private string[] Fitting(ColumnSample reference, ColumnSample current) =>
        [DriftSettings.Auto, .. catalogue.Methods.Where(m => m.Takes(reference, current)).Select(m => m.Name)];

    private PartFinding Measure(string name, ColumnSample reference, ColumnSample current)
    {
        var method = asked ?? Automatic(reference, current);
        if (!method.Takes(reference, current)) return new(name, method, null, null, $"'{method.Name}' compares {method.Compares}");
        var measure = method.Compare(reference, current, settings.PValues);
        var decides = asked is null && method.Scale == DriftScale.Effect && (measure.Normalised ?? measure.Statistic) >= (settings.Threshold ?? method.DefaultThreshold);
        var chance = decides ? Chance(reference, current) : (double?)null;
        return new(name, method, measure, chance, null);
    }

    // Evidently's rules. What has two values is compared by their shares, whatever its type.
    private IDriftMethod Automatic(ColumnSample reference, ColumnSample current)
    {
        var small = referenceRows <= DriftDefaults.SmallReference;
        var binary = ProportionMethod.IsBinary(reference, current) && (reference.Categories is not null || reference.Numbers!.Distinct(2) == 2);
        return catalogue.Column(
            binary ? small ? "z" : "js"
            : reference.Categories is not null ? small ? "chi2" : "js"
            : small ? "ks" : "wasserstein")!;
    }

    // A current sample of a few rows, or very many categories, are some way off by chance alone.
    private static double Chance(ColumnSample reference, ColumnSample current)
    {
        if (reference.Categories is not null && current.Categories is not null)
        {
            var table = Contingency.Of(reference, current);
            return ChiSquareMethod.Test(table.Reference, table.Current).PValue;
        }

        return KolmogorovSmirnov.AsymptoticPValue(KolmogorovSmirnov.Statistic(reference.Numbers!, current.Numbers!), reference.Count, current.Count);
    }
}
