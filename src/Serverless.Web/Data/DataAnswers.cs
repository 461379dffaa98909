using Serverless.Arrival;
using Serverless.Datasets;
using Serverless.Series;
using Serverless.Sources;

namespace Serverless.Web.Data;

internal sealed record DatasetList(IReadOnlyList<DatasetSummary> Datasets);

internal sealed record DatasetSummary(
    string Name, string? Description, string ContractVersion, PartitionGrain Grain, string? PartitionColumn, IReadOnlyList<ColumnSummary> Columns, int Version, int Partitions, long Rows,
    ArrivalSummary? Arrival, IReadOnlyList<SourceState>? Sources);

/// <param name="Missing">Keys of the periods that were missed and have not come yet.</param>
internal sealed record ArrivalSummary(
    ArrivalOutcome Outcome, string? Period, DateTimeOffset? Due, DateTimeOffset? Deadline, DateTimeOffset? ArrivedAt, IReadOnlyList<string> Missing, string? LastData, MissingPolicy OnMissing, string? Note);

internal sealed record ColumnSummary(string Name, ColumnType Type, bool Required, string? Unit, string? Description);

/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record PartitionList(IReadOnlyList<PartitionSummary> Partitions, string? Next);

internal sealed record PartitionSummary(
    string Id, string Key, long Rows, long Bytes, DateTimeOffset WrittenAt, string By, string Sha256, string ContractVersion, string File, int Version, IReadOnlyList<string> Supersedes);

/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record MetricList(string Dataset, IReadOnlyList<JudgedSeries> Series, string? Next);

internal sealed record ArtifactList(string Run, IReadOnlyList<Tracking.RunArtifact> Artifacts);
