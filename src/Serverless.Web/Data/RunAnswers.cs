using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Series;
using Serverless.Tracking;

namespace Serverless.Web.Data;

/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record RunList(IReadOnlyList<RunEntry> Runs, string? Next);

/// <summary>A run's record, and what was written about it.</summary>
internal sealed record RunEntry(
    int SchemaVersion, string Id, string Kind, string Subject, string State, RunStatus Status, string? Reason, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, int Attempt, int Failures, string? Fault,
    string? HeldBy, DateTimeOffset? HeldUntil, DateTimeOffset? NotBefore, JsonElement Data, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<RunNote> Notes)
{
    public static RunEntry Of(TrackedRun tracked)
    {
        var (run, notes) = tracked;
        return new(run.SchemaVersion, run.Id, run.Kind, run.Subject, run.State, run.Status, run.Reason, run.CreatedAt, run.UpdatedAt, run.Attempt, run.Failures, run.Fault,
            run.HeldBy, run.HeldUntil, run.NotBefore, run.Data, notes.Tags, notes.Notes);
    }
}

/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record ModelMetricList(string Model, IReadOnlyList<JudgedSeries> Series, string? Next);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NoteBody(string? Text);

/// <param name="Set">Tags with their values; an empty text is a tag without one.</param>
/// <param name="Remove">Keys of tags to take away.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TagBody(Dictionary<string, string?>? Set, IReadOnlyList<string>? Remove);

/// <param name="Decisions">Newest first.</param>
/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record DecisionList(string Model, IReadOnlyList<Decision> Decisions, string? Next);
