using System.Globalization;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Series;

/// <summary>Finds what the name of a metric means for a dataset, or says why it means nothing.</summary>
internal sealed class MetricResolver(ICheckCatalogue checks)
{
    public const string Size = "size";
    public const string Quarantined = "quarantined";

    public SeriesMetric Resolve(DatasetDefinition dataset, string text) =>
        Find(dataset, text, out var metric) is { } problem ? throw new RequestException($"dataset '{dataset.Name}': {problem}") : metric!;

    /// <summary>Null when the metric was found, otherwise what is wrong with its name.</summary>
    public string? Find(DatasetDefinition dataset, string text, out SeriesMetric? metric)
    {
        metric = null;
        string[] columns = [.. dataset.Columns.Select(c => c.Name)];
        if (MetricName.Parse(text, columns) is not var (figure, arguments)) return $"'{text}' is not the name of a metric; expected such as size, completeness(delay) or quantile(delay, 0.5).";
        if (figure is Size or Quarantined)
        {
            if (arguments.Count > 0) return $"metric '{figure}' is about all rows and takes no column.";
            metric = new SeriesMetric(figure, figure == Size ? MetricSource.Rows : MetricSource.Manifest, figure, []);
            return null;
        }

        var known = ProfileFigures.Find(figure);
        if (known is null && !checks.Names.Contains(figure))
        {
            string[] names = [Size, Quarantined, .. ProfileFigures.Names, .. checks.Names];
            return $"unknown metric '{figure}'.{Suggest.Hint(figure, names.Distinct())}";
        }

        var (named, probability) = figure == "quantile" && arguments.Count > 1 ? (arguments.Take(arguments.Count - 1).ToArray(), arguments[^1]) : ([.. arguments], null);
        if (known is not null && named.Length != 1) return $"metric '{figure}' is about one column: {figure}({(dataset.Columns.FirstOrDefault(known.Fits) ?? dataset.Columns[0]).Name}{(figure == "quantile" ? ", 0.5" : "")}).";
        foreach (var name in named.Where(n => !columns.Contains(n))) return $"metric '{text}': there is no column '{name}'.{Suggest.Hint(name, columns)}";
        if (known is not null && dataset.Column(named[0]) is var column && !known.Fits(column) && !IsChecked(dataset, figure, named))
        {
            return $"metric '{figure}' is not for {column.Type.ToString().ToLowerInvariant()} columns; '{column.Name}' is one.";
        }

        if (figure == "quantile") return Quantile(text, named[0], probability, out metric);
        if (known is null && !IsChecked(dataset, figure, named))
        {
            return $"metric '{text}' is the value of a check that the dataset does not have: add '- {{ check: {figure}{(named.Length == 1 ? $", column: {named[0]}" : "")}, ... }}' to its checks.";
        }

        metric = new SeriesMetric(MetricName.Of(figure, named), known is null ? MetricSource.Checks : MetricSource.Profile, figure, named);
        return null;
    }

    /// <summary>Metrics of the dataset's checks and anomaly rules, size and quarantined share first.</summary>
    public IReadOnlyList<string> Usual(DatasetDefinition dataset)
    {
        var names = new List<string> { Size, Quarantined };
        names.AddRange(dataset.Anomalies.Select(a => a.Metric.Text));
        names.AddRange(dataset.Checks.Select(c => c.Check == "quantile" && c.Parameters.TryGetValue("probability", out var p)
            ? MetricName.Of(c.Check, c.Column ?? "", p.Text) : MetricName.Of(c.Check, ColumnsOf(c))));
        return [.. names.Select(n => Find(dataset, n, out var metric) is null ? metric!.Name : null).OfType<string>().Distinct()];
    }

    private static string? Quantile(string text, string column, string? probability, out SeriesMetric? metric)
    {
        metric = null;
        if (!double.TryParse(probability, NumberStyles.Float, CultureInfo.InvariantCulture, out var p) || p is not (>= 0 and <= 1))
        {
            return $"metric '{text}' needs a probability from 0 to 1: quantile({column}, 0.5).";
        }

        if (!ProfileFigures.HasQuantile(p)) return $"metric '{text}': profiles keep the quantiles {string.Join(", ", Profiles.Frequencies.Quantiles.Select(q => q.Name))}.";
        metric = new SeriesMetric(MetricName.Of("quantile", column, p.ToString("R", CultureInfo.InvariantCulture)), MetricSource.Profile, "quantile", [column], p);
        return null;
    }

    private static bool IsChecked(DatasetDefinition dataset, string check, IReadOnlyList<string> columns) =>
        dataset.Checks.Any(c => c.Check == check && ColumnsOf(c).SequenceEqual(columns));

    private static IEnumerable<string> ColumnsOf(CheckDefinition check) =>
        check.Column is { } column ? [column] : check.Parameters.TryGetValue("columns", out var columns) ? columns.Items : [];
}
