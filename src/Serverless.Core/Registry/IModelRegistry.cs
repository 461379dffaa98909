using System.Text.Json.Serialization;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Registry;

/// <summary>Immutable model versions, and aliases that move between them by compare-and-swap. Every move is in the audit.</summary>
public interface IModelRegistry
{
    /// <summary>Names of models that have a version, in ordinal order.</summary>
    Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancel = default);

    /// <summary>Versions of a model, oldest first; empty when it has none. For who has to know all of them: one that cannot be read is an error.</summary>
    /// <exception cref="Problems.EnvironmentException">A newer program wrote one, or it is damaged.</exception>
    Task<IReadOnlyList<ModelVersion>> VersionsAsync(string model, CancellationToken cancel = default);

    /// <summary>The same for who shows them: those that can be read, and beside them which cannot, and why.</summary>
    Task<VersionList> ListAsync(string model, CancellationToken cancel = default);

    Task<ModelVersion?> FindAsync(string model, int version, CancellationToken cancel = default);

    /// <summary>The version with all that its manifest says: also its features, and each partition with its hash. Null when there is no such version.</summary>
    Task<ModelVersion?> ManifestAsync(string model, int version, CancellationToken cancel = default);

    /// <summary>The version that an alias (champion) points at, or null.</summary>
    Task<int?> AliasAsync(string model, string alias, CancellationToken cancel = default);

    /// <summary>
    /// Stores a version under the next free number, write-once. Calling again for the same run returns the version it already has.
    /// </summary>
    Task<ModelVersion> RegisterAsync(ModelCandidate candidate, CancellationToken cancel = default);

    /// <summary>
    /// Makes a version champion. Throws <see cref="Problems.RequestException"/> when it does not exist, of which <see cref="Problems.RefusedException"/> when it was rejected, waits for
    /// approval, expired or is champion already, or when somebody else moved the alias meanwhile; <see cref="Problems.TamperedException"/> as <see cref="LoadAsync"/>.
    /// </summary>
    /// <param name="expected">Only while this is the champion, otherwise <see cref="ChampionMovedException"/>; null = whatever is.</param>
    Task<AuditEntry> PromoteAsync(string model, int version, string by, string comment, ExpectedChampion? expected, CancellationToken cancel = default);

    /// <summary>As above, whatever the champion is.</summary>
    Task<AuditEntry> PromoteAsync(string model, int version, string by, string comment, CancellationToken cancel = default) => PromoteAsync(model, version, by, comment, null, cancel);

    /// <summary>
    /// A waiting version becomes champion. Throws <see cref="Problems.RefusedException"/> when it was decided before, expired, or has to be approved by a second person; a comment is required.
    /// </summary>
    /// <param name="expected">Only while this is the champion, otherwise <see cref="ChampionMovedException"/>, and the version still waits; null = whatever is.</param>
    Task<AuditEntry> ApproveAsync(string model, int version, string by, string comment, ExpectedChampion? expected, CancellationToken cancel = default);

    /// <summary>As above, whatever the champion is.</summary>
    Task<AuditEntry> ApproveAsync(string model, int version, string by, string comment, CancellationToken cancel = default) => ApproveAsync(model, version, by, comment, null, cancel);

    /// <summary>A waiting version is refused for good. Throws as <see cref="ApproveAsync(string, int, string, string, CancellationToken)"/>.</summary>
    Task<AuditEntry> RejectAsync(string model, int version, string by, string comment, CancellationToken cancel = default);

    /// <summary>A version whose time to be approved is over is marked as expired; null when it is not over, or was decided.</summary>
    Task<AuditEntry?> ExpireAsync(string model, int version, CancellationToken cancel = default);

    /// <summary>The champion before the present one is champion again.</summary>
    /// <param name="expected">Only while this is the champion, otherwise <see cref="ChampionMovedException"/>: two who roll back on the same sight go back once; null = whatever is.</param>
    Task<AuditEntry> RollBackAsync(string model, string by, string comment, ExpectedChampion? expected, CancellationToken cancel = default);

    /// <summary>As above, whatever the champion is.</summary>
    Task<AuditEntry> RollBackAsync(string model, string by, string comment, CancellationToken cancel = default) => RollBackAsync(model, by, comment, null, cancel);

    /// <summary>Everything that happened to a model's versions, oldest first.</summary>
    Task<IReadOnlyList<AuditEntry>> AuditAsync(string model, CancellationToken cancel = default);

    /// <summary>The key (SHA-256 of its PEM) that signed a version whose signature and files were just found good; null when nobody signed and the workspace only warns.</summary>
    /// <exception cref="Problems.TamperedException">They are not good; the message says what is not.</exception>
    Task<string?> VerifyAsync(string model, int version, CancellationToken cancel = default);

    /// <summary>
    /// Loads a version after verifying its signature and the hashes of what was signed. Throws <see cref="Problems.DataException"/> naming what is wrong when it is damaged or missing, of
    /// which <see cref="Problems.TamperedException"/> when its files are not those that a trusted key signed.
    /// </summary>
    Task<IScoringPipeline> LoadAsync(string model, int version, CancellationToken cancel = default);
}

public static class Alias
{
    public const string Champion = "champion";
}

/// <summary>What a version is and where it came from (<c>manifest.json</c>), with the state that changes beside it.</summary>
public sealed record ModelVersion
{
    public int SchemaVersion { get; init; } = 1;

    public required string Model { get; init; }

    public required int Version { get; init; }

    public VersionStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Run { get; init; }

    /// <summary>SHA-256 of model.zip, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    public required long Bytes { get; init; }

    public required string Trainer { get; init; }

    public required ModelSchema Schema { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public required Lineage Lineage { get; init; }

    /// <summary>How a person was asked, and what was decided; null when nobody has to be.</summary>
    public ApprovalState? Approval { get; init; }

    /// <summary>In the manifest only; null in lists and for versions of before it was kept.</summary>
    public IReadOnlyList<ManifestFeature>? Features { get; init; }

    /// <summary>Null for versions of before references were kept.</summary>
    public ModelReference? Reference { get; init; }
}

/// <param name="From">Its expression over raw columns.</param>
public sealed record ManifestFeature(string Name, string From);

/// <param name="Key">Its period.</param>
/// <param name="Sha256">Of the Parquet file, lower-case hex.</param>
public sealed record LineagePartition(string Id, string Key, long Rows, string Sha256);

/// <summary>What a training looked up, and which data it saw.</summary>
public sealed record LineageView
{
    /// <summary>The view's, or <c>model.feature</c> for a lag or a rolling feature.</summary>
    public required string Name { get; init; }

    public required string Dataset { get; init; }

    /// <summary>The newest version of the dataset that was there; 0 = it had no data yet.</summary>
    public required int DatasetVersion { get; init; }

    /// <summary>Partitions that values could come from.</summary>
    public required IReadOnlyList<string> Partitions { get; init; }

    /// <summary>What the view was then; null for a lag or a rolling feature, which the version's own features state, and in versions older than this.</summary>
    public FeatureViews.ViewTerms? Definition { get; init; }

    /// <summary>The same with the hashes of their bytes. In the manifest only.</summary>
    public IReadOnlyList<LineagePartition>? Data { get; init; }
}

/// <summary>All that is needed to make the version again.</summary>
public sealed record Lineage
{
    public required string Dataset { get; init; }

    public required int DatasetVersion { get; init; }

    public required IReadOnlyList<string> Partitions { get; init; }

    /// <summary>The same partitions with the hashes of their bytes. In the manifest only; null in lists and for versions of before it was kept.</summary>
    public IReadOnlyList<LineagePartition>? Data { get; init; }

    /// <summary>What was looked up; null when nothing was.</summary>
    public IReadOnlyList<LineageView>? Views { get; init; }

    public required string ContractVersion { get; init; }

    public required string CodeVersion { get; init; }

    public required string WorkspaceHash { get; init; }

    public required int Seed { get; init; }

    /// <summary>Of a hyperparameter that is a word the index of the word; <see cref="Settings"/> has the word.</summary>
    public required IReadOnlyDictionary<string, double> Hyperparameters { get; init; }

    /// <summary>Settings of the trainer that are not numbers, in words; null when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    /// <summary>Everything that the trainer was told, for people: words as words, then what is no hyperparameter (class weights, early stopping).</summary>
    public IEnumerable<KeyValuePair<string, string>> Told() => Hyperparameters
        .Select(h => KeyValuePair.Create(h.Key, Settings?.GetValueOrDefault(h.Key) ?? h.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))
        .Concat((Settings ?? new Dictionary<string, string>()).Where(s => !Hyperparameters.ContainsKey(s.Key)));

    /// <summary>First instant of the training window, and of the holdout, and the end of both (exclusive).</summary>
    public required DateTimeOffset TrainFrom { get; init; }

    public required DateTimeOffset HoldoutFrom { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>Without the hashes: the manifest has them, a record has no room.</summary>
    public Lineage Brief() => this with { Data = null, Views = Views is null ? null : [.. Views.Select(v => v with { Data = null })] };

    /// <summary>Every partition that it learned from, by dataset: rows, and what was looked up for them.</summary>
    public IEnumerable<(string Dataset, IReadOnlyList<string> Partitions)> Sources() => [(Dataset, Partitions), .. (Views ?? []).Select(v => (v.Dataset, v.Partitions))];
}

[JsonConverter(typeof(JsonStringEnumConverter<VersionStatus>))]
public enum VersionStatus
{
    [JsonStringEnumMemberName("registered")] Registered,
    [JsonStringEnumMemberName("awaiting-approval")] AwaitingApproval,
    [JsonStringEnumMemberName("rejected")] Rejected,
    [JsonStringEnumMemberName("expired")] Expired,
}

/// <summary>A fitted model on its way into the registry.</summary>
public sealed record ModelCandidate
{
    public required string Model { get; init; }

    public required string Run { get; init; }

    /// <summary>The bytes of model.zip.</summary>
    public required byte[] Artefact { get; init; }

    public required string Trainer { get; init; }

    public required ModelSchema Schema { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public required Lineage Lineage { get; init; }

    public required bool NeedsApproval { get; init; }

    /// <summary>How approval is asked for, where it is needed.</summary>
    public ApprovalTerms ApprovalTerms { get; init; } = new();

    /// <summary>Who or what asked for the training.</summary>
    public string? AskedBy { get; init; }

    public StagedReference? Reference { get; init; }
}
