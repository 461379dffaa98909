using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Storage;

namespace Serverless.Web.Mlflow;

/// <summary>
/// Writes the workspace's trainings and versions as MLflow's file store (mlflow/store/tracking/file_store.py, mlflow/store/model_registry/file_store.py): <c>mlruns/&lt;experiment&gt;/&lt;run&gt;/</c>
/// and <c>mlruns/models/</c>. MLflow opens it by its path, without a server.
/// </summary>
internal sealed class MlflowExport(OwnRuns runs, MlflowRegistry registry, IObjectStore objects) : IMlflowExport
{
    private static readonly string[] OfVersion = ["model.zip", "manifest.json", "card.md", "signature.json"];

    public async Task<MlflowExported> WriteAsync(string folder, CancellationToken cancel)
    {
        var root = Path.Combine(Path.GetFullPath(folder), "mlruns");
        var (experiments, written, versions, flavours) = (0, 0, 0, 0);
        var ids = new Dictionary<string, string>();
        foreach (var experiment in await runs.ExperimentsAsync(cancel))
        {
            // MLflow's own ids are digits.
            var id = string.Create(CultureInfo.InvariantCulture, $"{100_000_000 + BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(experiment.Name))) % 899_999_999u}");
            ids[experiment.ExperimentId] = id;
            var at = Path.Combine(root, id);
            Yaml(at, ("artifact_location", Address(at)), ("creation_time", 0L), ("experiment_id", id), ("last_update_time", 0L), ("lifecycle_stage", "active"), ("name", experiment.Name));
            foreach (var tag in experiment.Tags) Value(at, "tags", tag.Key, tag.Value);
            experiments++;
            await foreach (var run in runs.RunsAsync(experiment.ExperimentId, cancel))
            {
                await RunAsync(Path.Combine(at, run.Info.RunId), id, run, cancel);
                written++;
            }
        }

        foreach (var entry in (await registry.AllAsync(cancel)).Where(e => e.Own))
        {
            var at = Path.Combine(root, "models", entry.Document.Name);
            Yaml(at, ("creation_timestamp", entry.Document.CreationTimestamp), ("description", entry.Document.Description), ("last_updated_timestamp", entry.Document.LastUpdatedTimestamp), ("name", entry.Document.Name));
            foreach (var alias in entry.Document.Aliases) Value(at, "aliases", alias.Alias, alias.Version);
            foreach (var tag in entry.Document.Tags) Value(at, "tags", tag.Key, tag.Value);
            foreach (var version in entry.Versions)
            {
                var artifacts = Path.Combine(root, ids[OwnRuns.ExperimentOf(version.Name)], version.RunId, "artifacts");
                if (await VersionAsync(artifacts, version, cancel)) flavours++;
                var folderOf = Path.Combine(at, $"version-{version.Version}");
                Yaml(folderOf, ("creation_timestamp", version.CreationTimestamp), ("current_stage", version.CurrentStage), ("description", version.Description), ("last_updated_timestamp", version.LastUpdatedTimestamp),
                    ("name", version.Name), ("run_id", version.RunId), ("run_link", ""), ("source", Address(Path.Combine(artifacts, "model"))), ("status", "READY"), ("status_message", version.StatusMessage), ("storage_location", Address(Path.Combine(artifacts, "model"))),
                    ("user_id", version.UserId), ("version", version.Version));
                foreach (var tag in version.Tags) Value(folderOf, "tags", tag.Key, tag.Value);
                versions++;
            }
        }

        return new MlflowExported(root, experiments, written, versions, flavours);
    }

    private async Task RunAsync(string at, string experiment, MlflowRun run, CancellationToken cancel)
    {
        // mlflow/protos/service.proto: RUNNING 1, SCHEDULED 2, FINISHED 3, FAILED 4, KILLED 5; SourceType JOB 2.
        var status = run.Info.Status switch { "RUNNING" => 1L, "FINISHED" => 3L, "FAILED" => 4L, _ => 5L };
        Yaml(at, ("artifact_uri", Address(Path.Combine(at, "artifacts"))), ("end_time", run.Info.EndTime), ("entry_point_name", ""), ("experiment_id", experiment), ("lifecycle_stage", "active"), ("run_id", run.Info.RunId), ("run_name", run.Info.RunName),
            ("run_uuid", run.Info.RunId), ("source_name", ""), ("source_type", 2L), ("source_version", ""), ("start_time", run.Info.StartTime), ("status", status), ("tags", Array.Empty<string>()), ("user_id", run.Info.UserId));
        foreach (var name in new[] { "metrics", "params", "tags", "artifacts" }) Directory.CreateDirectory(Path.Combine(at, name));
        foreach (var metric in run.Data.Metrics) Value(at, "metrics", metric.Key, string.Create(CultureInfo.InvariantCulture, $"{metric.Timestamp} {Number(metric.Value)} {metric.Step}\n"));
        foreach (var parameter in run.Data.Params) Value(at, "params", parameter.Key, parameter.Value);
        foreach (var tag in run.Data.Tags) Value(at, "tags", tag.Key, tag.Value);
        await foreach (var file in objects.ListAsync($"{StoreNames.Containers.Runs}/{run.Info.RunId}/", cancel: cancel)) await CopyAsync(file.Key, Path.Combine(at, "artifacts", file.Key[(StoreNames.Containers.Runs.Length + run.Info.RunId.Length + 2)..]), cancel);
    }

    // True when MLflow's lightgbm flavour can load it.
    private async Task<bool> VersionAsync(string artifacts, MlflowModelVersion version, CancellationToken cancel)
    {
        var at = Path.Combine(artifacts, "model");
        foreach (var name in OfVersion) await CopyAsync($"{StoreNames.Containers.Models}/{version.Name}/{version.Version}/{name}", Path.Combine(at, name), cancel);
        return File.Exists(Path.Combine(at, "model.zip")) && MlflowFlavour.Write(at, version.RunId);
    }

    private async Task CopyAsync(string key, string to, CancellationToken cancel)
    {
        await using var from = await objects.OpenReadAsync(key, cancel);
        if (from is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        await using var file = File.Create(to);
        await from.CopyToAsync(file, cancel);
    }

    private static void Value(string at, string kind, string key, string text)
    {
        var path = Path.Combine(at, kind, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void Yaml(string folder, params (string Key, object? Value)[] pairs)
    {
        Directory.CreateDirectory(folder);
        var text = new StringBuilder();
        foreach (var (key, value) in pairs)
        {
            text.Append(key).Append(": ").Append(value switch
            {
                null => "null",
                long number => number.ToString(CultureInfo.InvariantCulture),
                string[] => "[]",
                // A JSON text is a YAML text.
                _ => System.Text.Json.JsonSerializer.Serialize(value.ToString(), ServerlessJson.Options),
            }).Append('\n');
        }

        File.WriteAllText(Path.Combine(folder, "meta.yaml"), text.ToString());
    }

    private static string Number(double value) => double.IsNaN(value) ? "nan" : double.IsPositiveInfinity(value) ? "inf" : double.IsNegativeInfinity(value) ? "-inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Address(string path) => new Uri(path).AbsoluteUri;
}

/// <summary>Writes the workspace in MLflow's own layout.</summary>
public interface IMlflowExport
{
    Task<MlflowExported> WriteAsync(string folder, CancellationToken cancel = default);
}

/// <param name="Folder">What MLflow's tracking URI is.</param>
/// <param name="Flavours">Versions that MLflow itself can load.</param>
public sealed record MlflowExported(string Folder, int Experiments, int Runs, int Versions, int Flavours);
