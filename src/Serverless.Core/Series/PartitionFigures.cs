using System.Text.Json;
using Serverless.Checks;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Storage;

namespace Serverless.Series;

/// <summary>Reads figures of one partition from the reports beside it: each report at most once, and of a profile only the columns that are asked for.</summary>
internal sealed class PartitionFigures(IObjectStore objects)
{
    private const int KnownSchema = 1;

    /// <summary>A value for each metric, or why there is none.</summary>
    public async Task<IReadOnlyList<Figure>> ReadAsync(PartitionRecord partition, IReadOnlyList<SeriesMetric> metrics, CancellationToken cancel)
    {
        using var manifest = await OpenAsync(partition, ".json", metrics.Any(m => m.Source == MetricSource.Manifest), cancel);
        using var profile = await OpenAsync(partition, ".profile.json", metrics.Any(m => m.Source == MetricSource.Profile), cancel);
        using var checks = await OpenAsync(partition, ".checks.json", metrics.Any(m => m.Source == MetricSource.Checks), cancel);
        return [.. metrics.Select(m => m.Source switch
        {
            MetricSource.Rows => new Figure(partition.Entry.Rows, partition.Entry.Rows),
            MetricSource.Manifest => Quarantined(manifest, partition.Entry.Rows),
            MetricSource.Profile => OfProfile(profile, m),
            _ => OfChecks(checks, m),
        })];
    }

    private static Figure Quarantined(JsonDocument? manifest, long rows)
    {
        if (manifest is null) return Figure.None("the partition's manifest is not there");
        var bad = manifest.RootElement.GetProperty("quarantined").GetInt64();
        return new Figure(rows + bad == 0 ? 0 : (double)bad / (rows + bad), rows + bad);
    }

    private static Figure OfProfile(JsonDocument? profile, SeriesMetric metric)
    {
        if (profile is null) return Figure.None("the partition's profile is not there");
        var rows = profile.RootElement.GetProperty("rows").GetInt64();
        foreach (var element in profile.RootElement.GetProperty("columns").EnumerateArray())
        {
            if (!element.GetProperty("name").ValueEquals(metric.Columns[0])) continue;
            var column = element.Deserialize<ColumnProfile>(ServerlessJson.Options)!;
            return ProfileFigures.Find(metric.Figure)!.Read(column, rows, metric.Probability) is { } value && double.IsFinite(value)
                ? new Figure(value, rows, column) : Figure.None(rows == column.Nulls ? "the column is empty" : "not computed");
        }

        return Figure.None("the column was not in the contract then");
    }

    private static Figure OfChecks(JsonDocument? checks, SeriesMetric metric)
    {
        if (checks is null) return Figure.None("the results of the partition's checks are not there");
        var column = metric.Columns.Count == 0 ? null : string.Join(",", metric.Columns);
        var results = checks.RootElement.GetProperty("checks").EnumerateArray()
            .Where(c => c.GetProperty("check").ValueEquals(metric.Figure))
            .Select(c => c.Deserialize<CheckResult>(ServerlessJson.Options)!)
            .Where(c => c.Column == column).ToArray();

        // The same check may stand in the file again with a condition: the one that looks at all rows is meant.
        var result = results.FirstOrDefault(r => !r.Expectation.Contains(" where ", StringComparison.Ordinal)) ?? results.FirstOrDefault();
        return result is null ? Figure.None("the check was not in the dataset file then")
            : result.Value is { } value && double.IsFinite(value) ? new Figure(value, 0) : Figure.None(result.Message ?? "no value");
    }

    private async Task<JsonDocument?> OpenAsync(PartitionRecord partition, string extension, bool wanted, CancellationToken cancel)
    {
        if (!wanted) return null;
        var key = Path.ChangeExtension(partition.Entry.Path, extension);
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return null;
        try
        {
            var document = await JsonDocument.ParseAsync(stream, default, cancel);
            if (document.RootElement.TryGetProperty("schemaVersion", out var schema) && schema.GetInt32() > KnownSchema)
            {
                throw new EnvironmentException($"'{key}' was written by a newer version of the program (schema {schema.GetInt32()}, this one knows {KnownSchema}). Update it.");
            }

            return document;
        }
        catch (JsonException e)
        {
            throw new DataException($"'{key}' cannot be read: {e.Message}", e);
        }
    }
}

/// <param name="Weight">Rows that the value is about, so that figures of several partitions of one period can be put together.</param>
/// <param name="Column">The column's profile, where the value is from one.</param>
internal sealed record Figure(double? Value, long Weight, ColumnProfile? Column = null, string? Reason = null)
{
    public static Figure None(string reason) => new(null, 0, null, reason);

    /// <summary>The figure of several partitions that together are one period; null value where that would need their rows.</summary>
    public static Figure Together(SeriesMetric metric, IReadOnlyList<Figure> parts)
    {
        if (parts.Count == 1) return parts[0];
        var filled = parts.Where(p => p.Value is not null).ToArray();
        if (filled.Length == 0) return parts[^1];
        var rows = parts.Sum(p => p.Weight);
        double? value = metric.Figure switch
        {
            MetricResolver.Size => rows,
            MetricResolver.Quarantined => rows == 0 ? 0 : parts.Sum(p => p.Value * p.Weight) / rows,
            "nulls" => filled.Sum(p => p.Value),
            "completeness" when metric.Source == MetricSource.Profile => rows == 0 ? null : 1 - ((double)parts.Sum(p => p.Column?.Nulls ?? 0) / rows),
            "min" when metric.Source == MetricSource.Profile => filled.Min(p => p.Value),
            "max" when metric.Source == MetricSource.Profile => filled.Max(p => p.Value),
            "mean" when metric.Source == MetricSource.Profile => Moments(filled).Mean,
            "stddev" when metric.Source == MetricSource.Profile => Moments(filled) is { Count: > 1 } m ? Math.Sqrt(m.SquaredDeviations / (m.Count - 1)) : null,
            _ => null,
        };
        return value is null ? None($"{parts.Count} partitions are this period, and '{metric.Figure}' of them together needs their rows") : new Figure(value, rows);
    }

    private static MomentsState Moments(IEnumerable<Figure> parts) => parts
        .Select(p => (p.Column, Count: p.Weight - p.Column!.Nulls))
        .Where(p => p.Count > 0 && p.Column!.Mean is not null)
        .Select(p => new MomentsState(p.Count, p.Column!.Mean!.Value, (p.Column.Stddev ?? 0) * (p.Column.Stddev ?? 0) * (p.Count - 1)))
        .Aggregate(new MomentsState(0, 0, 0), (a, b) => (MomentsState)a.Merge(b));
}
