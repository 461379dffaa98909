using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Web.Mlflow;

/// <summary>
/// Registered models as MLflow's clients see them: those of this workspace, whose versions come from its trainings only, and those that clients register, which are never served. Both may have
/// descriptions, tags and aliases; the alias <c>champion</c> of our own is the registry's, and moves by its rules (signature, approval, audit).
/// </summary>
internal sealed class MlflowRegistry(IModelRegistry registry, IRecordStore records, TimeProvider time)
{
    private const string Table = StoreNames.Tables.Mlflow;
    private const string Models = "models";
    private const int Tries = 50;

    public async Task<IReadOnlyList<Entry>> AllAsync(CancellationToken cancel)
    {
        var found = new SortedDictionary<string, Entry>(StringComparer.Ordinal);
        await foreach (var row in records.QueryAsync(Table, Models, cancel: cancel))
        {
            var document = Read(row);
            found[document.Name] = new Entry(document, false, document.Versions);
        }

        foreach (var name in await registry.ModelsAsync(cancel)) found[name] = await OwnAsync(name, found.GetValueOrDefault(name)?.Document, cancel);
        return [.. found.Values];
    }

    /// <exception cref="MlflowException">There is none of that name.</exception>
    public async Task<Entry> RequireAsync(string name, CancellationToken cancel)
    {
        var row = await records.GetAsync(Table, Models, Key(name), cancel);
        var document = row is null ? null : Read(row);
        if (await IsOwnAsync(name, cancel)) return await OwnAsync(name, document, cancel);
        return document is null ? throw NoModel(name) : new Entry(document, false, document.Versions);
    }

    public async Task<bool> IsOwnAsync(string name, CancellationToken cancel) => (await registry.ModelsAsync(cancel)).Contains(name);

    public async Task<Entry> CreateAsync(string name, string description, IReadOnlyList<MlflowPair> tags, CancellationToken cancel)
    {
        var document = New(name) with { Description = description, Tags = tags };
        if (await IsOwnAsync(name, cancel) || await records.InsertAsync(Table, Models, Key(name), Write(document), cancel) is null) throw MlflowException.Exists($"Registered Model (name={name}) already exists.");
        return new Entry(document, false, []);
    }

    /// <summary>Changes what is kept of a model beside its versions of ours.</summary>
    public async Task<Entry> ChangeAsync(string name, Func<MlflowModelDocument, MlflowModelDocument> change, CancellationToken cancel)
    {
        for (var i = 0; i < Tries; i++)
        {
            var own = await IsOwnAsync(name, cancel);
            var row = await records.GetAsync(Table, Models, Key(name), cancel);
            if (row is null && !own) throw NoModel(name);
            var after = change(row is null ? New(name) : Read(row)) with { LastUpdatedTimestamp = Now() };
            var done = row is null ? await records.InsertAsync(Table, Models, Key(name), Write(after), cancel) : await records.ReplaceAsync(Table, Models, Key(name), Write(after), row.ETag, cancel);
            if (done is not null) return own ? await OwnAsync(name, after, cancel) : new Entry(after, false, after.Versions);
        }

        throw new MlflowException("TEMPORARILY_UNAVAILABLE", $"model '{name}' is being changed by many at once; try again");
    }

    public async Task DeleteAsync(string name, CancellationToken cancel)
    {
        await ForeignAsync(name, "deleted", cancel);
        if (!await records.DeleteAsync(Table, Models, Key(name), cancel: cancel)) throw NoModel(name);
    }

    public async Task<Entry> RenameAsync(string name, string to, CancellationToken cancel)
    {
        await ForeignAsync(name, "renamed", cancel);
        var document = (await RequireAsync(name, cancel)).Document;
        if (await IsOwnAsync(to, cancel) || await records.InsertAsync(Table, Models, Key(to), Write(Renamed(document, to)), cancel) is null) throw MlflowException.Exists($"Registered Model (name={to}) already exists.");
        await records.DeleteAsync(Table, Models, Key(name), cancel: cancel);
        return await RequireAsync(to, cancel);
    }

    public async Task<MlflowModelVersion> AddVersionAsync(string name, MlflowModelVersion version, CancellationToken cancel)
    {
        await ForeignAsync(name, "given versions", cancel);
        var number = "";
        var after = await ChangeAsync(name, d =>
        {
            number = (d.LastVersion + 1).ToString(CultureInfo.InvariantCulture);
            return d with { LastVersion = d.LastVersion + 1, Versions = [.. d.Versions, version with { Name = name, Version = number, CreationTimestamp = Now(), LastUpdatedTimestamp = Now() }] };
        }, cancel);
        return after.Find(number)!;
    }

    /// <summary>Changes a version of a client's model, or tags and description of one of ours.</summary>
    public async Task<MlflowModelVersion> ChangeVersionAsync(string name, string version, Func<MlflowModelVersion, MlflowModelVersion> change, CancellationToken cancel)
    {
        var before = await RequireVersionAsync(name, version, cancel);
        var after = await ChangeAsync(name, d =>
        {
            var there = d.Versions.FirstOrDefault(v => v.Version == before.Version) ?? before with { Tags = [], Description = "" };
            return d with { Versions = [.. d.Versions.Where(v => v.Version != before.Version), change(there) with { LastUpdatedTimestamp = Now() }] };
        }, cancel);
        return after.Find(before.Version)!;
    }

    public async Task DeleteVersionAsync(string name, string version, CancellationToken cancel)
    {
        await ForeignAsync(name, "robbed of versions", cancel);
        await RequireVersionAsync(name, version, cancel);
        await ChangeAsync(name, d => d with { Versions = [.. d.Versions.Where(v => v.Version != version)], Aliases = [.. d.Aliases.Where(a => a.Version != version)] }, cancel);
    }

    public async Task<MlflowModelVersion> RequireVersionAsync(string name, string version, CancellationToken cancel) =>
        (await RequireAsync(name, cancel)).Find(version) ?? throw MlflowException.Missing($"Model Version (name={name}, version={version}) not found");

    public async Task SetAliasAsync(string name, string alias, string version, string by, CancellationToken cancel)
    {
        var found = await RequireVersionAsync(name, version, cancel);
        if (alias != Alias.Champion || !await IsOwnAsync(name, cancel))
        {
            await ChangeAsync(name, d => d with { Aliases = [.. d.Aliases.Where(a => a.Alias != alias), new MlflowAlias(alias, found.Version)] }, cancel);
            return;
        }

        var number = int.Parse(found.Version, CultureInfo.InvariantCulture);
        if (await registry.AliasAsync(name, Alias.Champion, cancel) == number) return;
        try
        {
            await registry.PromoteAsync(name, number, by, "through MLflow's API", cancel);
        }
        catch (Exception e) when (e is RequestException or DataException)
        {
            throw new MlflowException("INVALID_STATE", e.Message);
        }
    }

    public async Task DeleteAliasAsync(string name, string alias, CancellationToken cancel)
    {
        if (alias == Alias.Champion && await IsOwnAsync(name, cancel)) throw MlflowException.Denied($"model '{name}' is served by its champion, which can be moved but not taken away");
        await ChangeAsync(name, d => d with { Aliases = [.. d.Aliases.Where(a => a.Alias != alias)] }, cancel);
    }

    private async Task ForeignAsync(string name, string what, CancellationToken cancel)
    {
        if (await IsOwnAsync(name, cancel)) throw MlflowException.Denied($"model '{name}' is one of this workspace: its versions come from its trainings, and it cannot be {what} through MLflow");
    }

    private async Task<Entry> OwnAsync(string name, MlflowModelDocument? beside, CancellationToken cancel)
    {
        var document = beside ?? New(name);
        var list = await registry.ListAsync(name, cancel);
        var champion = list.Champion;
        var kept = document.Versions.ToDictionary(v => v.Version);
        var versions = list.Versions.Select(v => Own(v, champion, kept)).ToArray();
        var text = champion?.ToString(CultureInfo.InvariantCulture);
        return new Entry(document with
        {
            CreationTimestamp = versions.Length > 0 ? versions[0].CreationTimestamp : 0,
            LastUpdatedTimestamp = versions.Length > 0 ? Math.Max(versions[^1].CreationTimestamp, beside?.LastUpdatedTimestamp ?? 0) : 0,
            Aliases = [.. document.Aliases.Where(a => a.Alias != Alias.Champion), .. text is null ? Array.Empty<MlflowAlias>() : [new MlflowAlias(Alias.Champion, text)]],
        }, true, versions);
    }

    private static MlflowModelVersion Own(ModelVersion version, int? champion, Dictionary<string, MlflowModelVersion> kept)
    {
        var number = version.Version.ToString(CultureInfo.InvariantCulture);
        var beside = kept.GetValueOrDefault(number);
        var at = version.CreatedAt.ToUnixTimeMilliseconds();
        return new MlflowModelVersion
        {
            Name = version.Model, Version = number, CreationTimestamp = at, LastUpdatedTimestamp = Math.Max(at, beside?.LastUpdatedTimestamp ?? 0), RunId = version.Run,
            Source = $"{MlflowArtifacts.Scheme}/models/{version.Model}/{number}", CurrentStage = version.Version == champion ? "Production" : "None", Description = beside?.Description ?? "",
            UserId = "serverless-ml", StatusMessage = version.Status == VersionStatus.Registered ? "" : version.Status == VersionStatus.Rejected ? "rejected" : "waits for approval",
            Tags = [new("serverless.sha256", version.Sha256), new("serverless.trainer", version.Trainer), .. beside?.Tags ?? []],
        };
    }

    private static MlflowModelDocument Renamed(MlflowModelDocument document, string to) => document with { Name = to, Versions = [.. document.Versions.Select(v => v with { Name = to })] };

    private MlflowModelDocument New(string name) => new() { Name = name, CreationTimestamp = Now(), LastUpdatedTimestamp = Now() };

    private static MlflowException NoModel(string name) => MlflowException.Missing($"Registered Model with name={name} not found");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    // Names of MLflow's models may have any characters; keys of records may not.
    private static string Key(string name) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));

    private static string Write(MlflowModelDocument document) => JsonSerializer.Serialize(document, MlflowJson.Options);

    private static MlflowModelDocument Read(StoredRecord row)
    {
        try
        {
            var document = JsonSerializer.Deserialize<MlflowModelDocument>(row.Json, MlflowJson.Options) ?? throw new JsonException("it is empty");
            return document.SchemaVersion <= 1 ? document : throw new EnvironmentException($"a registered model of table '{Table}' has schemaVersion {document.SchemaVersion}; this program knows up to 1: update it");
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"a registered model of table '{Table}' is damaged: {e.Message}", e);
        }
    }

    /// <param name="Own">One of this workspace.</param>
    public sealed record Entry(MlflowModelDocument Document, bool Own, IReadOnlyList<MlflowModelVersion> Stored)
    {
        public IReadOnlyList<MlflowModelVersion> Versions { get; } = [.. Stored.Select(v => v with { Aliases = [.. Document.Aliases.Where(a => a.Version == v.Version).Select(a => a.Alias)] })];

        public MlflowModelVersion? Find(string version) => Versions.FirstOrDefault(v => v.Version == version);

        public MlflowRegisteredModel Model => new()
        {
            Name = Document.Name, CreationTimestamp = Document.CreationTimestamp, LastUpdatedTimestamp = Document.LastUpdatedTimestamp, Description = Document.Description, Tags = Document.Tags, Aliases = Document.Aliases,
            LatestVersions = Latest(),
        };

        /// <summary>The newest of each stage.</summary>
        public IReadOnlyList<MlflowModelVersion> Latest() =>
            [.. Versions.GroupBy(v => v.CurrentStage).Select(g => g.MaxBy(v => int.Parse(v.Version, CultureInfo.InvariantCulture))!).OrderBy(v => v.CurrentStage, StringComparer.Ordinal)];
    }
}

/// <summary>What is kept of a registered model. Of our own, versions have their tags and descriptions only.</summary>
internal sealed record MlflowModelDocument
{
    public int SchemaVersion { get; init; } = 1;

    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public long CreationTimestamp { get; init; }

    public long LastUpdatedTimestamp { get; init; }

    /// <summary>Numbers are not given twice, also when a version was deleted.</summary>
    public int LastVersion { get; init; }

    public IReadOnlyList<MlflowPair> Tags { get; init; } = [];

    public IReadOnlyList<MlflowAlias> Aliases { get; init; } = [];

    public IReadOnlyList<MlflowModelVersion> Versions { get; init; } = [];
}
