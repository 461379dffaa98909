using System.Globalization;
using System.Text;

namespace Serverless.Web.Mlflow;

/// <summary>Filter, order and page of a list of entities.</summary>
internal static class MlflowSearch
{
    private static readonly Dictionary<string, string> RunKinds = new()
    {
        ["metrics"] = "metrics", ["metric"] = "metrics", ["params"] = "params", ["param"] = "params", ["parameter"] = "params", ["parameters"] = "params", ["tags"] = "tags", ["tag"] = "tags",
        ["dataset"] = "dataset", ["datasets"] = "dataset",
    };

    private static readonly Dictionary<string, string> TagKinds = new() { ["tags"] = "tags", ["tag"] = "tags" };

    private static readonly Dictionary<string, MlflowAttribute> RunAttributes = new()
    {
        ["run_id"] = new("run_id"), ["run_name"] = new("run_name"), ["Run name"] = new("run_name"), ["run name"] = new("run_name"), ["Run Name"] = new("run_name"), ["status"] = new("status"), ["artifact_uri"] = new("artifact_uri"), ["user_id"] = new("user_id"),
        ["User"] = new("user_id"), ["experiment_id"] = new("experiment_id"), ["lifecycle_stage"] = new("lifecycle_stage"), ["start_time"] = new("start_time", true), ["created"] = new("start_time", true), ["Created"] = new("start_time", true), ["end_time"] = new("end_time", true),
    };

    private static readonly Dictionary<string, MlflowAttribute> ExperimentAttributes = new()
    {
        ["name"] = new("name"), ["experiment_id"] = new("experiment_id"), ["creation_time"] = new("creation_time", true), ["last_update_time"] = new("last_update_time", true),
    };

    private static readonly Dictionary<string, MlflowAttribute> ModelAttributes = new()
    {
        ["name"] = new("name"), ["timestamp"] = new("last_updated_timestamp", true), ["last_updated_timestamp"] = new("last_updated_timestamp", true), ["creation_timestamp"] = new("creation_timestamp", true),
    };

    private static readonly Dictionary<string, MlflowAttribute> VersionAttributes = new(ModelAttributes)
    {
        ["version_number"] = new("version", true), ["version"] = new("version", true), ["run_id"] = new("run_id"), ["source_path"] = new("source"), ["source"] = new("source"), ["status"] = new("status"),
    };

    private static readonly Dictionary<string, string> LoggedKinds = new()
    {
        ["metrics"] = "metrics", ["metric"] = "metrics", ["params"] = "params", ["param"] = "params", ["tags"] = "tags", ["tag"] = "tags",
    };

    private static readonly Dictionary<string, MlflowAttribute> LoggedAttributes = new()
    {
        ["name"] = new("name"), ["model_id"] = new("model_id"), ["model_type"] = new("model_type"), ["status"] = new("status"), ["source_run_id"] = new("source_run_id"),
        ["creation_timestamp"] = new("creation_timestamp", true), ["creation_time"] = new("creation_timestamp", true),
        ["last_updated_timestamp"] = new("last_updated_timestamp", true), ["last_updated_time"] = new("last_updated_timestamp", true),
    };

    public static MlflowPage<MlflowLoggedModel> LoggedModels(IEnumerable<MlflowLoggedModel> models, string? filter, IReadOnlyList<string> order, int most, string? token) =>
        Run(models, filter, order, most, token, LoggedKinds, LoggedAttributes, Value, [("attributes", "creation_timestamp", true), ("attributes", "model_id", false)]);

    public static MlflowPage<MlflowRun> Runs(IEnumerable<MlflowRun> runs, string? filter, IReadOnlyList<string> order, int most, string? token) =>
        Run(runs, filter, order, most, token, RunKinds, RunAttributes, Value, [("attributes", "start_time", true), ("attributes", "run_id", false)]);

    public static MlflowPage<MlflowExperiment> Experiments(IEnumerable<MlflowExperiment> experiments, string? filter, IReadOnlyList<string> order, int most, string? token) =>
        Run(experiments, filter, order, most, token, TagKinds, ExperimentAttributes, Value, [("attributes", "creation_time", true), ("attributes", "experiment_id", true)]);

    public static MlflowPage<MlflowRegisteredModel> Models(IEnumerable<MlflowRegisteredModel> models, string? filter, IReadOnlyList<string> order, int most, string? token) =>
        Run(models, filter, order, most, token, TagKinds, ModelAttributes, Value, [("attributes", "name", false)]);

    public static MlflowPage<MlflowModelVersion> Versions(IEnumerable<MlflowModelVersion> versions, string? filter, IReadOnlyList<string> order, int most, string? token) =>
        Run(versions, filter, order, most, token, TagKinds, VersionAttributes, Value, [("attributes", "last_updated_timestamp", true), ("attributes", "name", false), ("attributes", "version", true)]);

    /// <summary>A part of a list, and the token of the next.</summary>
    public static MlflowPage<T> Page<T>(IReadOnlyList<T> all, int most, string? token)
    {
        var from = Offset(token);
        T[] page = [.. all.Skip(from).Take(most)];
        return new MlflowPage<T>(page, from + page.Length < all.Count ? Convert.ToBase64String(Encoding.ASCII.GetBytes((from + page.Length).ToString(CultureInfo.InvariantCulture))) : null);
    }

    private static MlflowPage<T> Run<T>(IEnumerable<T> all, string? filter, IReadOnlyList<string> order, int most, string? token, Dictionary<string, string> kinds,
        Dictionary<string, MlflowAttribute> attributes, Func<T, string, string, object?> value, (string Kind, string Key, bool Descending)[] ends)
    {
        var parsed = MlflowFilter.Parse(filter, kinds, attributes);
        var keys = order.Select(o => Order(o, kinds, attributes)).Concat(ends).ToArray();
        var found = all.Where(e => parsed.Matches((kind, key) => value(e, kind, key))).ToList();
        found.Sort((a, b) =>
        {
            foreach (var (kind, key, descending) in keys)
            {
                var by = Compare(value(a, kind, key), value(b, kind, key), descending);
                if (by != 0) return by;
            }

            return 0;
        });
        return Page(found, most, token);
    }

    // What has no value comes last, and NaN after numbers, in either direction.
    private static int Compare(object? a, object? b, bool descending)
    {
        static int Rank(object? v) => v switch { null => 2, double.NaN => 1, _ => 0 };
        if (Rank(a) != Rank(b)) return Rank(a).CompareTo(Rank(b));
        var by = (a, b) switch { (double x, double y) => x.CompareTo(y), (string x, string y) => string.CompareOrdinal(x, y), _ => 0 };
        return descending ? -by : by;
    }

    private static (string, string, bool) Order(string clause, Dictionary<string, string> kinds, Dictionary<string, MlflowAttribute> attributes)
    {
        var tokens = new MlflowFilter.Tokens(clause);
        var (kind, key) = MlflowFilter.Key(tokens, kinds, attributes);
        if (kind == MlflowAttribute.Kind) key = attributes[key].Name;
        var descending = tokens.TakeWord("DESC") || tokens.TakeWord("desc");
        if (!descending) tokens.TakeWord("ASC");
        return tokens.Done ? (kind, key, descending) : throw tokens.Fault("expected ASC or DESC at the end");
    }

    private static object? Value(MlflowRun run, string kind, string key) => kind switch
    {
        "metrics" => run.Data.Metrics.FirstOrDefault(m => m.Key == key)?.Value is { } v ? v : null,
        "params" => Pair(run.Data.Params, key),
        "tags" => Pair(run.Data.Tags, key),
        "dataset" => run.Inputs.DatasetInputs.Select(d => d.TryGetProperty("dataset", out var dataset) && dataset.TryGetProperty(key, out var text) ? text.GetString() : null).FirstOrDefault(t => t is not null),
        _ => key switch
        {
            "run_id" => run.Info.RunId,
            "run_name" => run.Info.RunName,
            "status" => run.Info.Status,
            "artifact_uri" => run.Info.ArtifactUri,
            "user_id" => run.Info.UserId,
            "experiment_id" => run.Info.ExperimentId,
            "lifecycle_stage" => run.Info.LifecycleStage,
            "start_time" => (double)run.Info.StartTime,
            "end_time" => run.Info.EndTime is { } end ? (double)end : null,
            _ => null,
        },
    };

    private static object? Value(MlflowLoggedModel model, string kind, string key) => kind switch
    {
        "metrics" => model.Data.Metrics.FirstOrDefault(m => m.Key == key)?.Value is { } v ? v : null,
        "params" => Pair(model.Data.Params, key),
        "tags" => Pair(model.Info.Tags, key),
        _ => key switch
        {
            "name" => model.Info.Name,
            "model_id" => model.Info.ModelId,
            "model_type" => model.Info.ModelType,
            "status" => model.Info.Status["LOGGED_MODEL_".Length..],
            "source_run_id" => model.Info.SourceRunId,
            "creation_timestamp" => (double)model.Info.CreationTimestampMs,
            _ => (double)model.Info.LastUpdatedTimestampMs,
        },
    };

    private static object? Value(MlflowExperiment experiment, string kind, string key) => kind == "tags" ? Pair(experiment.Tags, key) : key switch
    {
        "name" => experiment.Name,
        "experiment_id" => experiment.ExperimentId,
        "creation_time" => (double)experiment.CreationTime,
        _ => (double)experiment.LastUpdateTime,
    };

    private static object? Value(MlflowRegisteredModel model, string kind, string key) => kind == "tags" ? Tag(model.Tags, key) : key switch
    {
        "name" => model.Name,
        "creation_timestamp" => (double)model.CreationTimestamp,
        _ => (double)model.LastUpdatedTimestamp,
    };

    private static object? Value(MlflowModelVersion version, string kind, string key) => kind == "tags" ? Tag(version.Tags, key) : key switch
    {
        "name" => version.Name,
        "version" => double.Parse(version.Version, CultureInfo.InvariantCulture),
        "run_id" => version.RunId,
        "source" => version.Source,
        "status" => version.Status,
        "creation_timestamp" => (double)version.CreationTimestamp,
        _ => (double)version.LastUpdatedTimestamp,
    };

    private static string? Pair(IReadOnlyList<MlflowPair> pairs, string key) => pairs.FirstOrDefault(p => p.Key == key)?.Value;

    // MLflow 3 keeps prompts among models, and asks for those that are none without being told so (mlflow/utils/search_utils.py).
    private static string? Tag(IReadOnlyList<MlflowPair> tags, string key) => Pair(tags, key) ?? (key == "mlflow.prompt.is_prompt" ? "false" : null);

    private static int Offset(string? token)
    {
        if (string.IsNullOrEmpty(token)) return 0;
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) && int.TryParse(Encoding.ASCII.GetString(bytes, 0, length), NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            ? from : throw MlflowException.Invalid($"Invalid page token '{token}'.");
    }
}

internal sealed record MlflowPage<T>(IReadOnlyList<T> Items, string? Next);
