using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Registry.Cards;
using Serverless.Scoring;
using Serverless.Storage;

namespace Serverless.Registry;

/// <summary>
/// Versions in table <c>versions</c> and below <c>models/</c>. A number is claimed by inserting its row, which only one run can do, and only after it has seen all
/// rows before: so numbers are consecutive, and a run that comes again finds its own.
/// </summary>
internal sealed partial class ModelRegistry(IObjectStore objects, IRecordStore records, AliasMoves aliases, VersionFiles files, TimeProvider time, IEnumerable<IPredictorFormat> formats, ApprovalSignals? signals = null, SignatureSignals? alarms = null, CardWriter? cards = null, IEnumerable<IAuditSource>? sources = null, IGradualRelease? release = null) : IModelRegistry
{
    private const string Table = StoreNames.Tables.Versions;

    public async Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancel = default)
    {
        var models = new List<string>();
        await foreach (var model in records.PartitionsAsync(Table, cancel)) models.Add(model);
        return models;
    }

    public async Task<IReadOnlyList<ModelVersion>> VersionsAsync(string model, CancellationToken cancel = default)
    {
        var versions = new List<ModelVersion>();
        await foreach (var row in records.QueryAsync(Table, model, cancel: cancel))
        {
            if (Read(row).Version is { } version) versions.Add(version);
        }

        return versions;
    }

    public async Task<VersionList> ListAsync(string model, CancellationToken cancel = default)
    {
        var (versions, unreadable) = (new List<ModelVersion>(), new List<UnreadableRecord>());
        await foreach (var row in records.QueryAsync(Table, model, cancel: cancel))
        {
            try
            {
                if (Read(row).Version is { } version) versions.Add(version);
            }
            catch (EnvironmentException e)
            {
                unreadable.Add(new UnreadableRecord(model, int.TryParse(row.Row, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null, e.Message));
            }
        }

        try
        {
            return new VersionList(versions, await aliases.VersionAsync(model, Alias.Champion, cancel), unreadable);
        }
        catch (EnvironmentException e)
        {
            return new VersionList(versions, null, [.. unreadable, new UnreadableRecord(model, null, e.Message)]);
        }
    }

    public async Task<ModelVersion?> FindAsync(string model, int version, CancellationToken cancel = default) =>
        await records.GetAsync(Table, model, Row(version), cancel) is { } row ? Read(row).Version : null;

    public async Task<ModelVersion?> ManifestAsync(string model, int version, CancellationToken cancel = default)
    {
        if (await FindAsync(model, version, cancel) is not { } found) return null;
        await using var stream = await objects.OpenReadAsync(VersionFiles.Folder(model, version) + VersionFiles.Manifest, cancel);
        if (stream is null) return found;
        try
        {
            var manifest = await JsonSerializer.DeserializeAsync<ModelVersion>(stream, ServerlessJson.Options, cancel);
            // What changes, the record knows.
            return manifest is null ? found : found with { Features = manifest.Features, Lineage = manifest.Lineage };
        }
        catch (JsonException)
        {
            return found;
        }
    }

    public Task<int?> AliasAsync(string model, string alias, CancellationToken cancel = default) => aliases.VersionAsync(model, alias, cancel);

    public async Task<ModelVersion> RegisterAsync(ModelCandidate candidate, CancellationToken cancel = default)
    {
        // Before a number is taken: what cannot be read is no version.
        var features = PipelineFeatures.Of(candidate.Artefact);
        var (claim, row) = await ClaimAsync(candidate, cancel);
        if (claim.Version is { } existing)
        {
            await CopyAsync(claim, cancel);
            return existing;
        }

        var version = new ModelVersion
        {
            Model = candidate.Model,
            Version = claim.Number,
            Status = candidate.NeedsApproval ? VersionStatus.AwaitingApproval : VersionStatus.Registered,
            CreatedAt = claim.ClaimedAt,
            Run = candidate.Run,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(candidate.Artefact)),
            Bytes = candidate.Artefact.Length,
            Trainer = candidate.Trainer,
            Schema = candidate.Schema,
            Metrics = candidate.Metrics,
            Lineage = candidate.Lineage,
            Reference = await KeepAsync(candidate, claim.Number, cancel),
            Approval = ApprovalState.Of(candidate, claim.ClaimedAt),
            Features = features,
        };
        await PutOnceAsync(VersionFiles.Folder(candidate.Model, claim.Number) + VersionFiles.Model, candidate.Artefact, cancel);
        var manifest = JsonSerializer.SerializeToUtf8Bytes(version, ServerlessJson.Indented);
        await PutOnceAsync(VersionFiles.Folder(candidate.Model, claim.Number) + VersionFiles.Manifest, manifest, cancel);
        var signed = new Dictionary<string, byte[]> { [VersionFiles.Model] = candidate.Artefact, [VersionFiles.Manifest] = manifest };
        if (cards is not null) signed[VersionFiles.Card] = await files.PutFirstAsync(candidate.Model, claim.Number, VersionFiles.Card, await cards.AtRegistrationAsync(version, cancel), cancel);
        await files.SignAsync(candidate.Model, claim.Number, signed, cancel);
        // Hundreds of hashes are in the manifest; a record has room for the rest.
        version = version with { Features = null, Lineage = version.Lineage.Brief() };
        var record = claim with { Version = version, History = Beginning(version) };
        if (await records.ReplaceAsync(Table, candidate.Model, Row(claim.Number), Write(record), row.ETag, cancel) is not null)
        {
            await CopyAsync(record, cancel);
            return version;
        }

        return await FindAsync(candidate.Model, claim.Number, cancel)
            ?? throw new EnvironmentException($"the claim on version {claim.Number} of model '{candidate.Model}' was changed by somebody else; run the training again");
    }

    public async Task<IScoringPipeline> LoadAsync(string model, int version, CancellationToken cancel = default)
    {
        var name = $"version {version} of model '{model}'";
        var found = await ArtefactAsync(model, version, cancel) ?? throw new DataException($"{name} does not exist");
        var verified = await files.VerifyAsync(model, version, found.Sha256, found.Bytes, cancel);
        if (verified.Key is null) alarms?.Unsigned(model, version);
        try
        {
            return ModelPackage.Read(new MemoryStream(verified.Artefact), version, formats);
        }
        catch (DataException e)
        {
            throw new DataException($"{name} cannot be loaded: {e.Message}", e);
        }
    }

    public async Task<string?> VerifyAsync(string model, int version, CancellationToken cancel = default)
    {
        var found = (await RequireAsync(model, version, cancel)).Version;
        return (await files.VerifyAsync(model, version, found.Sha256, found.Bytes, cancel)).Key;
    }

    private async Task<(VersionRecord Claim, StoredRecord Row)> ClaimAsync(ModelCandidate candidate, CancellationToken cancel)
    {
        var last = 0;
        while (true)
        {
            await foreach (var row in records.QueryAsync(Table, candidate.Model, after: last == 0 ? null : Row(last), cancel: cancel))
            {
                var seen = Read(row);
                if (seen.Run == candidate.Run) return (seen, row);
                last = seen.Number;
            }

            var claim = new VersionRecord { Run = candidate.Run, Number = last + 1, ClaimedAt = time.GetUtcNow() };
            var json = Write(claim);
            if (await records.InsertAsync(Table, candidate.Model, Row(claim.Number), json, cancel) is { } etag)
            {
                return (claim, new StoredRecord(Table, candidate.Model, Row(claim.Number), json, etag));
            }
        }
    }

    private async Task<(ModelVersion Version, VersionRecord Record, StoredRecord Row)> RequireAsync(string model, int version, CancellationToken cancel)
    {
        if (await records.GetAsync(Table, model, Row(version), cancel) is { } row && Read(row) is { Version: { } found } record) return (found, record, row);
        var versions = (await ListAsync(model, cancel)).Versions;
        throw new RequestException(versions.Count == 0
            ? $"model '{model}' has no version yet; train it first.{Suggest.Hint(model, await ModelsAsync(cancel))}"
            : $"model '{model}' has no version {version}; it has {versions[0].Version} to {versions[^1].Version}");
    }

    // Whoever tries to make a tampered version champion is told, and so are those who watch.
    private async Task TrustAsync(ModelVersion version, CancellationToken cancel)
    {
        try
        {
            await files.VerifyAsync(version.Model, version.Version, version.Sha256, version.Bytes, cancel);
        }
        catch (TamperedException e)
        {
            alarms?.Refused(version.Model, version.Version, e.Message);
            throw;
        }
    }

    private async Task<ModelReference?> KeepAsync(ModelCandidate candidate, int version, CancellationToken cancel)
    {
        if (candidate.Reference is not { } staged) return null;
        var (rows, profile) = (VersionFiles.Folder(candidate.Model, version) + "reference.parquet", VersionFiles.Folder(candidate.Model, version) + "reference.profile.json");
        var (sha256, bytes) = await CopyOnceAsync(staged.RowsKey, rows, cancel);
        var (profileSha256, _) = await CopyOnceAsync(staged.ProfileKey, profile, cancel);
        return new ModelReference { Path = rows, Sha256 = sha256, Bytes = bytes, ProfilePath = profile, ProfileSha256 = profileSha256 };
    }

    // Streamed: a sample of wide rows is large.
    private async Task<(string Sha256, long Bytes)> CopyOnceAsync(string from, string to, CancellationToken cancel)
    {
        using var staged = await objects.MaterialiseAsync(from, cancel);
        await using (var content = File.OpenRead(staged.Path)) await objects.PutIfAbsentAsync(to, content, cancel);
        await using var file = File.OpenRead(staged.Path);
        var hash = await SHA256.HashDataAsync(file, cancel);
        await using var there = await objects.OpenReadAsync(to, cancel) ?? throw new EnvironmentException($"'{to}' was removed while it was being registered");
        if (!(await SHA256.HashDataAsync(there, cancel)).AsSpan().SequenceEqual(hash)) throw new EnvironmentException($"'{to}' is in the store already with other content; versions are never changed");
        return (Convert.ToHexStringLower(hash), staged.Info.Size);
    }

    private async Task PutOnceAsync(string key, byte[] content, CancellationToken cancel)
    {
        if (await objects.PutIfAbsentAsync(key, new MemoryStream(content), cancel) is not null) return;
        await using var there = await objects.OpenReadAsync(key, cancel) ?? throw new EnvironmentException($"'{key}' was removed while it was being registered");
        if (!(await SHA256.HashDataAsync(there, cancel)).AsSpan().SequenceEqual(SHA256.HashData(content)))
        {
            throw new EnvironmentException($"'{key}' is in the store already with other content; versions are never changed");
        }
    }

    private static VersionRecord Read(StoredRecord row) => RegistryJson.Read(row.Json, RegistryJson.Instance.VersionRecord, What(row));

    // All that loading needs of a version.
    private async Task<Artefact?> ArtefactAsync(string model, int version, CancellationToken cancel) =>
        await records.GetAsync(Table, model, Row(version), cancel) is not { } row ? null : RegistryJson.Pick(row.Json,
            root => root.TryGetProperty("version", out var v) && v.ValueKind == JsonValueKind.Object
                ? new Artefact(v.GetProperty("sha256").GetString() ?? "", v.GetProperty("bytes").GetInt64()) : null, What(row));

    private static string What(StoredRecord row) => $"version {row.Row.TrimStart('0')} of model '{row.Partition}'";

    private static string Write(VersionRecord record) => JsonSerializer.Serialize(record, RegistryJson.Instance.VersionRecord);

    private static string Row(int version) => version.ToString("D10", CultureInfo.InvariantCulture);

    private sealed record Artefact(string Sha256, long Bytes);
}
