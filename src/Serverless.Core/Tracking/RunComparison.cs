using System.Globalization;
using Serverless.Evaluation;
using Serverless.Runs;
using Serverless.Training;

namespace Serverless.Tracking;

/// <summary>What went into two runs that was not the same, and what came out.</summary>
public sealed record RunComparison
{
    /// <summary>Inputs that differ; equal ones are left out.</summary>
    public required IReadOnlyList<RunDifference> Differences { get; init; }

    /// <summary>Lines of the model file, and of its datasets' and views', that only one of the two has: <c>- left</c>, <c>+ right</c>.</summary>
    public required IReadOnlyList<DefinitionDifference> Definition { get; init; }

    public required IReadOnlyList<MetricChange> Metrics { get; init; }

    /// <summary>Why there is little to compare: a run that trained nothing, or of an older version.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    internal static RunComparison Of(ComparedRun left, ComparedRun right, Func<RunRecord, string, bool> moreIsBetter)
    {
        var notes = new List<string>();
        foreach (var side in new[] { left, right })
        {
            if (side.Training is null) notes.Add($"run '{side.Tracked.Run.Id}' trained nothing ({side.Tracked.Run.Kind}, {side.Tracked.Run.Status.ToString().ToLowerInvariant()})");
            else if (side.Sources is null) notes.Add($"run '{side.Tracked.Run.Id}' kept no definition: its version did not yet");
        }

        return new RunComparison
        {
            Differences = left.Training is { } a && right.Training is { } b ? [.. Inputs(a, b)] : [],
            Definition = left.Sources is { } before && right.Sources is { } after ? Lines(before, after) : [],
            Metrics = [.. Changes(left, right, moreIsBetter)],
            Notes = notes,
        };
    }

    private static IEnumerable<RunDifference> Inputs(TrainingResult a, TrainingResult b)
    {
        var found = new List<RunDifference>();
        void Add(string area, string name, string? left, string? right)
        {
            if (left != right) found.Add(new RunDifference(area, name, left, right));
        }

        var (x, y) = (a.Lineage, b.Lineage);
        Add("data", "dataset", x.Dataset, y.Dataset);
        Add("data", "version", N(x.DatasetVersion), N(y.DatasetVersion));
        Add("data", "contract", x.ContractVersion, y.ContractVersion);
        Add("data", "train from", T(x.TrainFrom), T(y.TrainFrom));
        Add("data", "holdout from", T(x.HoldoutFrom), T(y.HoldoutFrom));
        Add("data", "until", T(x.Until), T(y.Until));
        Add("data", "rows trained on", N(a.TrainRows), N(b.TrainRows));
        Add("data", "rows held out", N(a.HoldoutRows), N(b.HoldoutRows));
        string[] only = [.. x.Partitions.Except(y.Partitions)], other = [.. y.Partitions.Except(x.Partitions)];
        if (only.Length + other.Length > 0) found.Add(new RunDifference("data", "partitions only here", Ids(only), Ids(other)));
        Add("code", "version", x.CodeVersion, y.CodeVersion);
        Add("code", "workspace", x.WorkspaceHash, y.WorkspaceHash);
        Add("environment", "os", a.Environment.Os, b.Environment.Os);
        Add("environment", "processors", N(a.Environment.Cpus), N(b.Environment.Cpus));
        Add("environment", ".NET", a.Environment.DotNet, b.Environment.DotNet);
        Add("environment", "library", a.Environment.Library, b.Environment.Library);
        Add("trainer", "name", a.Trainer, b.Trainer);
        Add("trainer", "seed", N(x.Seed), N(y.Seed));
        foreach (var name in x.Hyperparameters.Keys.Union(y.Hyperparameters.Keys)) Add("hyperparameter", name, Of(x.Hyperparameters, name), Of(y.Hyperparameters, name));
        var none = new Dictionary<string, string>();
        foreach (var name in (x.Settings ?? none).Keys.Union((y.Settings ?? none).Keys)) Add("hyperparameter", name, x.Settings?.GetValueOrDefault(name), y.Settings?.GetValueOrDefault(name));
        Add("model", "inputs", string.Join(", ", a.Schema.Inputs.Select(i => i.Name)), string.Join(", ", b.Schema.Inputs.Select(i => i.Name)));
        Add("model", "classes", string.Join(", ", a.Schema.Classes), string.Join(", ", b.Schema.Classes));
        Add("model", "threshold", a.Schema.Threshold.ToString("R", CultureInfo.InvariantCulture), b.Schema.Threshold.ToString("R", CultureInfo.InvariantCulture));
        Add("model", "champion compared with", a.Champion?.ToString(CultureInfo.InvariantCulture), b.Champion?.ToString(CultureInfo.InvariantCulture));
        return found;
    }

    private static IReadOnlyList<DefinitionDifference> Lines(RunSources before, RunSources after)
    {
        // Two models are compared by what they say, whatever their files are called.
        var pairs = before.Sources.Keys.Union(after.Sources.Keys).Where(f => f != before.File && f != after.File).Order(StringComparer.Ordinal)
            .Select(f => (Name: f, Left: before.Sources.GetValueOrDefault(f), Right: after.Sources.GetValueOrDefault(f)))
            .Prepend((Name: before.File == after.File ? after.File : $"{before.File}, {after.File}", Left: before.Sources.GetValueOrDefault(before.File), Right: after.Sources.GetValueOrDefault(after.File)));
        return [.. pairs.Where(p => p.Left != p.Right).Select(p => new DefinitionDifference(p.Name, LineDifference.Of(p.Left ?? "", p.Right ?? "")))];
    }

    private static IEnumerable<MetricChange> Changes(ComparedRun left, ComparedRun right, Func<RunRecord, string, bool> moreIsBetter)
    {
        foreach (var name in left.Tracked.Metrics.Keys.Union(right.Tracked.Metrics.Keys))
        {
            double? a = left.Tracked.Metrics.TryGetValue(name, out var x) ? x : null, b = right.Tracked.Metrics.TryGetValue(name, out var y) ? y : null;
            yield return new MetricChange
            {
                Name = name, Left = a, Right = b, Difference = b - a, LeftInterval = left.Training?.Intervals?.Candidate.GetValueOrDefault(name), RightInterval = right.Training?.Intervals?.Candidate.GetValueOrDefault(name),
                Better = a is null || b is null ? null : a == b ? "same" : moreIsBetter(right.Tracked.Run, name) == b > a ? "right" : "left",
            };
        }
    }

    private static string Ids(string[] ids) => ids.Length <= 5 ? string.Join(", ", ids) : $"{string.Join(", ", ids.Take(5))} and {ids.Length - 5} more";

    private static string? Of(IReadOnlyDictionary<string, double> values, string name) => values.TryGetValue(name, out var value) ? value.ToString("R", CultureInfo.InvariantCulture) : null;

    private static string N(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string T(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}

/// <param name="Area">data, code, environment, trainer, hyperparameter or model.</param>
/// <param name="Left">Null where the left run has none.</param>
public sealed record RunDifference(string Area, string Name, string? Left, string? Right);

public sealed record DefinitionDifference(string File, IReadOnlyList<string> Lines);

public sealed record MetricChange
{
    public required string Name { get; init; }

    public double? Left { get; init; }

    public double? Right { get; init; }

    /// <summary>Right minus left.</summary>
    public double? Difference { get; init; }

    /// <summary>Of the metric in each run by itself: the holdouts may be of other rows. The gate compares on the same rows.</summary>
    public MetricInterval? LeftInterval { get; init; }

    public MetricInterval? RightInterval { get; init; }

    /// <summary><c>left</c>, <c>right</c> or <c>same</c>.</summary>
    public string? Better { get; init; }
}

internal sealed record ComparedRun(TrackedRun Tracked, TrainingResult? Training, RunSources? Sources);
