using Serverless.Models;
using Serverless.Registry;
using Serverless.Scoring;

namespace Serverless.Web.Models;

/// <param name="Unreadable">Records that cannot be read, such as those of a newer program; null when there are none.</param>
internal sealed record ModelList(IReadOnlyList<ModelSummary> Models, IReadOnlyList<UnreadableRecord>? Unreadable = null);

/// <param name="Champion">Version that the alias points at.</param>
/// <param name="Serving">Version that this process answers with; another than the champion while that is damaged or being loaded.</param>
/// <param name="Problem">Why the champion does not answer; null when all is well.</param>
internal sealed record ModelSummary(
    string Name, TaskKind? Task, string? Dataset, string? Description, int? Champion, int? Serving, int Versions, DateTimeOffset? TrainedAt, string? Problem);

internal sealed record ModelDetail(
    string Name, TaskKind? Task, string? Dataset, string? Description, int? Champion, int? Serving, string? Problem,
    ModelSchema? Schema, IReadOnlyDictionary<string, object>? Example, IReadOnlyList<VersionSummary> Versions, IReadOnlyList<AuditEntry> Audit, IReadOnlyList<UnreadableRecord>? Unreadable);

internal sealed record VersionSummary(int Version, VersionStatus Status, bool Champion, DateTimeOffset CreatedAt, string Run, string Trainer, IReadOnlyDictionary<string, double> Metrics);

/// <summary>Body of an operation on a version; may be left out.</summary>
/// <param name="Expect">The champion that the caller saw (0 = none): if it is another one, nothing is done. The header <c>If-Match</c> says the same.</param>
internal sealed record CommentBody(string? Comment, int? Expect = null);
