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
    /// <summary>A value for each metric, or why there is none.</summary>
    /// <param name="toMerge">Other partitions are of the same period: read also what figures of profiles follow from.</param>
    public async Task<IReadOnlyList<Figure>> ReadAsync(PartitionRecord partition, IReadOnlyList<SeriesMetric> metrics, bool toMerge, CancellationToken cancel)
    {
        using var manifest = await OpenAsync(partition, ".json", metrics.Any(m => m.Source == MetricSource.Manifest), cancel);
        using var profile = await OpenAsync(partition, ".profile.json", metrics.Any(m => m.Source == MetricSource.Profile), cancel);
        using var checks = await OpenAsync(partition, ".checks.json", metrics.Any(m => m.Source == MetricSource.Checks), cancel);
        return [.. metrics.Select(m => m.Source switch
        {
            MetricSource.Rows => new Figure(partition.Entry.Rows, partition.Entry.Rows),
            MetricSource.Manifest => Quarantined(manifest, partition.Entry.Rows),
            MetricSource.Profile => OfProfile(profile, m, toMerge),
            _ => OfChecks(checks, m),
        })];
    }

    private static Figure Quarantined(JsonDocument? manifest, long rows)
    {
        if (manifest is null) return Figure.None("the partition's manifest is not there");
        var bad = manifest.RootElement.GetProperty("quarantined").GetInt64();
        return new Figure(rows + bad == 0 ? 0 : (double)bad / (rows + bad), rows + bad);
    }

    private static Figure OfProfile(JsonDocument? profile, SeriesMetric metric, bool toMerge)
    {
        if (profile is null) return Figure.None("the partition's profile is not there");
        var rows = profile.RootElement.GetProperty("rows").GetInt64();
        var index = -1;
        foreach (var element in profile.RootElement.GetProperty("columns").EnumerateArray())
        {
            index++;
            if (!element.GetProperty("name").ValueEquals(metric.Columns[0])) continue;
            var column = element.Deserialize<ColumnProfile>(ServerlessJson.Options)!;
            return ProfileFigures.Find(metric.Figure)!.Read(column, rows, metric.Probability) is { } value && double.IsFinite(value)
                ? new Figure(value, rows, toMerge ? column : null, toMerge ? State(profile, index) : null)
                : Figure.None(rows == column.Nulls ? "the column is empty" : "not computed") with { Weight = rows, State = toMerge ? State(profile, index) : null };
        }

        return Figure.None("the column was not in the contract then");
    }

    // Profiles of version 1 have none.
    private static ColumnState? State(JsonDocument profile, int index) =>
        profile.RootElement.TryGetProperty("states", out var states) && states.ValueKind == JsonValueKind.Array && index < states.GetArrayLength()
            ? ColumnState.FromBytes(states[index].GetBytesFromBase64()) : null;

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
            var known = extension == ".profile.json" ? Profile.Newest : 1;
            if (document.RootElement.TryGetProperty("schemaVersion", out var schema) && schema.GetInt32() > known)
            {
                throw new EnvironmentException($"'{key}' was written by a newer version of the program (schema {schema.GetInt32()}, this one knows {known}). Update it.");
            }

            return document;
        }
        catch (JsonException e)
        {
            throw new DataException($"'{key}' cannot be read: {e.Message}", e);
        }
    }
}

