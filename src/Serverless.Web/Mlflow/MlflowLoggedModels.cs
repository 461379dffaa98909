using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Serverless.Storage;

namespace Serverless.Web.Mlflow;

/// <summary>
/// Models that clients of MLflow 3 log beside their runs, in table <c>mlflow</c>: <c>logged-EXPERIMENT</c> (row = model) and <c>logged-where</c> (row = model, tells its experiment). Their files are below
/// the experiment's. They are no versions of the workspace and are never served.
/// </summary>
internal sealed class MlflowLoggedModels(IRecordStore records, TimeProvider time, IdSource ids)
{
    private const string Table = StoreNames.Tables.Mlflow;
    private const string Where = "logged-where";
    private const int Tries = 50;

    public async Task<MlflowLoggedModel> CreateAsync(string experiment, string? name, string? type, string? run, IReadOnlyList<MlflowPair> parameters, IReadOnlyList<MlflowPair> tags, CancellationToken cancel)
    {
        var id = "m-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ids.Next(26))).AsSpan(0, 16));
        var model = new MlflowLoggedModel
        {
            Info = new MlflowLoggedModelInfo
            {
                ModelId = id, ExperimentId = experiment, Name = string.IsNullOrEmpty(name) ? $"model-{id[2..8]}" : name, CreationTimestampMs = Now(), LastUpdatedTimestampMs = Now(),
                ArtifactUri = $"{MlflowArtifacts.Scheme}/experiments/{experiment}/models/{id}/artifacts", ModelType = type, SourceRunId = run, Tags = tags,
            },
            Data = new MlflowLoggedModelData { Params = parameters },
        };
        await records.InsertAsync(Table, Where, id, MlflowTracking.Write(experiment), cancel);
        await records.InsertAsync(Table, "logged-" + experiment, id, MlflowTracking.Write(model), cancel);
        return model;
    }

    public async Task<MlflowLoggedModel> RequireAsync(string id, CancellationToken cancel) =>
        await RowAsync(id, cancel) is { } row ? MlflowTracking.Read<MlflowLoggedModel>(row) : throw Missing(id);

    public async IAsyncEnumerable<MlflowLoggedModel> OfAsync(string experiment, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (!MlflowTracking.Safe(experiment)) yield break;
        await foreach (var row in records.QueryAsync(Table, "logged-" + experiment, cancel: cancel)) yield return MlflowTracking.Read<MlflowLoggedModel>(row);
    }

    public async Task<MlflowLoggedModel> ChangeAsync(string id, Func<MlflowLoggedModel, MlflowLoggedModel> change, CancellationToken cancel)
    {
        for (var i = 0; i < Tries; i++)
        {
            var row = await RowAsync(id, cancel) ?? throw Missing(id);
            var after = change(MlflowTracking.Read<MlflowLoggedModel>(row));
            after = after with { Info = after.Info with { LastUpdatedTimestampMs = Now() } };
            var json = MlflowTracking.Write(after);
            if (json.Length > RecordKey.MaxJson) throw MlflowException.Invalid($"Logged model '{id}' would have {json.Length} characters of parameters, tags and metrics; at most {RecordKey.MaxJson} are kept.");
            if (await records.ReplaceAsync(Table, row.Partition, id, json, row.ETag, cancel) is not null) return after;
        }

        throw new MlflowException("TEMPORARILY_UNAVAILABLE", $"logged model '{id}' is being changed by many at once; try again");
    }

    /// <summary>Its files stay where they are: a registered version may have them as its source.</summary>
    public async Task DeleteAsync(string id, CancellationToken cancel)
    {
        var row = await RowAsync(id, cancel) ?? throw Missing(id);
        await records.DeleteAsync(Table, row.Partition, id, cancel: cancel);
        await records.DeleteAsync(Table, Where, id, cancel: cancel);
    }

    private async Task<StoredRecord?> RowAsync(string id, CancellationToken cancel) => MlflowTracking.Safe(id) && await records.GetAsync(Table, Where, id, cancel) is { } where
        ? await records.GetAsync(Table, "logged-" + MlflowTracking.Read<string>(where), id, cancel) : null;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static MlflowException Missing(string id) => MlflowException.Missing($"Logged model with ID '{id}' not found.");
}

/// <summary>LoggedModel of mlflow/protos/service.proto.</summary>
internal sealed record MlflowLoggedModel
{
    public required MlflowLoggedModelInfo Info { get; init; }

    public required MlflowLoggedModelData Data { get; init; }
}

internal sealed record MlflowLoggedModelInfo
{
    public required string ModelId { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public long CreationTimestampMs { get; init; }

    public long LastUpdatedTimestampMs { get; init; }

    public required string ArtifactUri { get; init; }

    /// <summary>LOGGED_MODEL_PENDING, LOGGED_MODEL_READY, LOGGED_MODEL_UPLOAD_FAILED.</summary>
    public string Status { get; init; } = "LOGGED_MODEL_PENDING";

    public string? ModelType { get; init; }

    public string? SourceRunId { get; init; }

    public IReadOnlyList<MlflowPair> Tags { get; init; } = [];
}

internal sealed record MlflowLoggedModelData
{
    public IReadOnlyList<MlflowPair> Params { get; init; } = [];

    /// <summary>What was logged with the model's id, the last of each name and run.</summary>
    public IReadOnlyList<MlflowMetric> Metrics { get; init; } = [];
}
