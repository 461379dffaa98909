using Serverless.Datasets;

namespace Serverless.Incidents;

/// <summary>Incidents and their timelines. Changes are compare-and-swap; two people who change different things at once both succeed.</summary>
public interface IIncidents
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<Incident>> ListAsync(CancellationToken cancel = default);

    /// <summary>By id, or by the beginning of one when only one begins like that. Null when there is none.</summary>
    Task<Incident?> FindAsync(string id, CancellationToken cancel = default);

    /// <summary>Oldest first.</summary>
    Task<IReadOnlyList<TimelineEntry>> TimelineAsync(string id, CancellationToken cancel = default);

    Task<Incident> OpenAsync(NewIncident incident, string by, CancellationToken cancel = default);

    /// <summary>Throws <see cref="Problems.RequestException"/> when there is no such incident, or nothing is changed.</summary>
    Task<Incident> UpdateAsync(string id, IncidentChange change, string by, CancellationToken cancel = default);

    /// <summary>Throws <see cref="Problems.RequestException"/> when there is no such incident or it is closed.</summary>
    Task<Incident> CloseAsync(string id, string? comment, string by, CancellationToken cancel = default);
}

public sealed record NewIncident
{
    public required string Title { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Null: now.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    public IncidentCategory? Category { get; init; }

    public string? Impact { get; init; }

    public IReadOnlyList<string> Subjects { get; init; } = [];
}

/// <summary>What is new; null = as it was.</summary>
public sealed record IncidentChange
{
    public string? Title { get; init; }

    public Severity? Severity { get; init; }

    public string? Impact { get; init; }

    public string? Cause { get; init; }

    public IncidentCategory? Category { get; init; }

    public DateTimeOffset? BeganAt { get; init; }

    public DateTimeOffset? OverAt { get; init; }

    /// <summary>Added to those that are there.</summary>
    public IReadOnlyList<IncidentAction> Actions { get; init; } = [];

    /// <summary>Numbers (from 1) of actions that are done.</summary>
    public IReadOnlyList<int> Done { get; init; } = [];

    /// <summary>A line for the timeline.</summary>
    public string? Note { get; init; }
}
