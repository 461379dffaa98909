namespace Serverless.Incidents;

/// <summary>How many incidents of what kind there were, and how long they took.</summary>
public sealed record IncidentStatistics
{
    public required int Count { get; init; }

    public required int Open { get; init; }

    public required IReadOnlyList<IncidentGroup> Groups { get; init; }

    /// <param name="by">What the groups are.</param>
    public static IncidentStatistics Of(IReadOnlyList<Incident> incidents, IncidentGrouping by)
    {
        IEnumerable<string> Keys(Incident incident) => by switch
        {
            IncidentGrouping.Category => [incident.Category?.ToString().ToLowerInvariant() ?? "none yet"],
            IncidentGrouping.Severity => [incident.Severity.ToString().ToLowerInvariant()],
            IncidentGrouping.Month => [incident.DetectedAt.UtcDateTime.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture)],
            _ => incident.Subjects.Count > 0 ? incident.Subjects : ["none"],
        };
        var groups = incidents.SelectMany(i => Keys(i).Select(k => (Key: k, Incident: i))).GroupBy(p => p.Key, p => p.Incident).Select(g => new IncidentGroup
        {
            Name = g.Key, Count = g.Count(), Open = g.Count(i => i.Status == IncidentStatus.Open),
            SecondsToDetect = Median(g.Select(i => (i.DetectedAt - i.BeganAt).TotalSeconds)),
            SecondsToResolve = Median(g.Where(i => i.OverAt is not null).Select(i => (i.OverAt!.Value - i.BeganAt).TotalSeconds)),
            SecondsToClose = Median(g.Where(i => i.ClosedAt is not null).Select(i => (i.ClosedAt!.Value - i.DetectedAt).TotalSeconds)),
            ActionsOpen = g.Sum(i => i.Actions.Count(a => a.DoneAt is null)),
        });
        return new IncidentStatistics
        {
            Count = incidents.Count, Open = incidents.Count(i => i.Status == IncidentStatus.Open),
            Groups = by == IncidentGrouping.Month ? [.. groups.OrderBy(g => g.Name, StringComparer.Ordinal)] : [.. groups.OrderByDescending(g => g.Count).ThenBy(g => g.Name, StringComparer.Ordinal)],
        };
    }

    // A median: one incident that nobody closed for a month should not hide that the others took an hour.
    private static double? Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? null : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

public enum IncidentGrouping { Category, Severity, Subject, Month }

public sealed record IncidentGroup
{
    public required string Name { get; init; }

    public required int Count { get; init; }

    public required int Open { get; init; }

    /// <summary>Median from the beginning to the notice.</summary>
    public double? SecondsToDetect { get; init; }

    /// <summary>Median from the beginning to the end of the trouble.</summary>
    public double? SecondsToResolve { get; init; }

    /// <summary>Median from the notice to the closing.</summary>
    public double? SecondsToClose { get; init; }

    /// <summary>Actions that are not done.</summary>
    public required int ActionsOpen { get; init; }
}
