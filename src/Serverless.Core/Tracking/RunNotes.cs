namespace Serverless.Tracking;

/// <summary>What people wrote about a run. Beside the run's own record, so that a note disturbs no step under way.</summary>
public sealed record RunNotes
{
    public int SchemaVersion { get; init; } = 1;

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<RunNote> Notes { get; init; } = [];
}

public sealed record RunNote(DateTimeOffset At, string By, string Text);
