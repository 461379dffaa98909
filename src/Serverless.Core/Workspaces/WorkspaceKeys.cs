using System.Collections.Frozen;

namespace Serverless.Workspaces;

/// <summary>Every key that a workspace file may have, by section. <c>docs/workspace.md</c> describes the same; a test compares the two.</summary>
public static class WorkspaceKeys
{
    private static readonly FrozenDictionary<string, string[]> Known = new Dictionary<string, string[]>
    {
        ["serverless.yaml"] = ["name", "description", "storage", "apiKeys", "alerts", "signing", "functions", "auth", "limits", "retention"],
        ["auth"] = ["issuer", "audience", "authority"],
        ["limits"] = ["requests", "per", "maxBytes", "maxRows"],
        ["retention"] = ["schedule", "versions", "versionAge", "candidates", "predictions", "superseded"],
        ["signing"] = ["policy", "key", "trust"],
        ["storage"] = ["kind", "folder", "account", "connection", "appConfiguration"],
        ["apiKeys"] = ["name", "sha256", "env", "scopes", "expires"],
        ["dataset"] = ["dataset", "description", "partition", "columns", "checks", "anomalies", "arrival", "sources", "from"],
        ["alerts"] = ["channels", "routes", "rules"],
        ["channel"] = ["kind"],
        ["routes"] = ["info", "warning", "error", "critical"],
        ["rule"] =
        [
            "name", "kind", "subject", "signal", "atLeast", "bad", "of", "for", "good", "cooldown", "quiet", "severity", "group", "channels", "mute",
        ],
        ["quiet"] = ["from", "to", "days", "zone", "critical"],
        ["partition"] = ["column", "by", "grain"],
        ["column"] = ["type", "required", "description", "unit", "min", "max", "pattern", "values", "format", "labels", "knownAfter"],
        ["labels"] = ["en", "fr"],
        ["check"] = ["check", "column", "severity", "where"],
        ["anomaly"] = ["metric", "strategy", "severity"],
        ["arrival"] = ["every", "due", "deadline", "onMissing"],
        ["http"] =
        [
            "name", "kind", "url", "format", "items", "headers", "query", "paging", "since", "retry", "schedule", "period", "mode", "limit", "timeout", "maxSize",
        ],
        ["folder"] = ["name", "kind", "path", "pattern", "rests", "schedule", "period", "mode", "limit", "timeout", "maxSize"],
        ["container"] = ["name", "kind", "account", "connection", "container", "prefix", "pattern", "schedule", "period", "mode", "limit", "timeout", "maxSize"],
        ["sql"] = ["name", "kind", "provider", "connection", "query", "since", "retry", "schedule", "period", "mode", "limit", "timeout", "maxSize"],
        ["paging"] = ["by", "field", "parameter", "first", "size", "sizeParameter", "maxPages"],
        ["since"] = ["column", "first"],
        ["retry"] = ["attempts", "first", "longest"],
        ["limit"] = ["requests", "per", "concurrency", "share"],
        ["model"] =
        [
            "model", "description", "task", "dataset", "label", "features", "trainer", "window", "holdout", "gate", "retrain", "approval", "rollout", "monitor", "fairness", "outcome",
            "metrics", "cost", "onnx", "card", "search", "predictionLog", "outliers", "feedback", "segments", "batch", "enrich",
        ],
        ["card"] = ["owner", "contact", "intendedUse", "outOfScope", "limits", "licence"],
        ["feature"] =
        [
            "from", "encode", "missing", "indicator", "scale", "log", "buckets", "bins", "edges", "period", "ngrams", "by", "vocabulary", "weight",
        ],
        ["lookup"] = ["view", "column", "on", "encode", "missing", "indicator", "scale", "log"],
        ["lag"] = ["lag", "by", "after", "encode", "missing", "indicator", "scale", "log"],
        ["rolling"] = ["rolling", "of", "by", "over", "gap", "encode", "missing", "indicator", "scale", "log"],
        ["view"] = ["view", "description", "owner", "dataset", "keys", "time", "created", "ttl", "features", "sql", "columns", "refresh"],
        ["aggregate"] = ["aggregate", "column", "condition", "over", "description"],
        ["viewColumn"] = ["type", "description"],
        ["trainer"] = ["name", "seed", "classWeights", "earlyStopping"],
        ["onnx"] = ["classes", "output"],
        ["earlyStopping"] = ["rounds", "share", "refit"],
        ["search"] = ["budget", "sampler", "seed", "metric", "share", "halving", "parallel", "trainers"],
        ["budget"] = ["trials", "minutes"],
        ["halving"] = ["factor", "rungs"],
        ["range"] = ["min", "max", "scale"],
        ["gate"] = ["metric", "min", "max", "tolerance", "confidence", "decide", "guards", "onFailure"],
        ["guard"] = ["guard"],
        ["approval"] = ["by", "expires", "remind", "secondPerson"],
        ["segments"] = ["default", "memory", "parts"],
        ["segment"] = ["name", "when"],
        ["outliers"] = ["contamination", "trees", "sample", "rare", "limit"],
        ["fairness"] = ["groups", "minRows", "confidence"],
        ["metric"] = ["value", "aggregate", "better", "unit", "description"],
        ["cost"] = ["falsePositive", "falseNegative"],
        ["batch"] = ["schedule", "onNewData", "window", "key", "inputs", "precompute", "maxAge", "partRows"],
        ["monitor"] = ["every", "window", "method", "threshold", "correction", "share", "columns"],
        ["retrain"] = ["schedule", "onNewData", "onDrift", "onFeedback", "cooldown"],
        ["enrich"] = ["url", "columns", "headers", "fallback", "timeout", "ttl", "retries", "concurrency", "breaker"],
        ["breaker"] = ["share", "calls", "window", "pause"],
        ["feedback"] = ["key", "metric", "window", "lookback", "minLabels", "anomalies"],
        ["rollout"] = ["kind"],
        ["shadow"] = ["kind", "share", "for", "guards", "layer", "from", "to"],
        ["canary"] = ["kind", "start", "step", "every", "atLeast", "guards", "layer", "from", "to"],
        ["pilot"] = ["kind", "users", "groups", "for", "guards"],
        ["ab"] =
        [
            "kind", "split", "metric", "better", "effect", "baseline", "deviation", "power", "confidence", "novelty", "for", "reading", "promoteWinner", "guards", "layer", "from", "to",
        ],
        ["bandit"] = ["kind", "split", "algorithm", "epsilon", "metric", "better", "every", "delay", "discount", "floor", "guards", "layer", "from", "to"],
    }.ToFrozenDictionary();

    /// <summary>Names of the sections.</summary>
    public static IReadOnlyCollection<string> Sections => Known.Keys;

    /// <summary>Keys of a section. Check, anomaly, trainer and guard also take the parameters that each check, strategy, trainer or guard names.</summary>
    public static IReadOnlyList<string> Of(string section) => Known[section];
}
