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
            if (side.Inputs is null) notes.Add($"run '{side.Tracked.Run.Id}' trained nothing ({side.Tracked.Run.Kind}, {side.Tracked.Run.Status.ToString().ToLowerInvariant()})");
            else if (side.Sources is null && side.Training is not null) notes.Add($"run '{side.Tracked.Run.Id}' kept no definition: its version did not yet");
        }

        return new RunComparison
        {
            Differences = [.. Inputs(left, right)],
            Definition = left.Sources is { } before && right.Sources is { } after ? Lines(before, after) : [],
            Metrics = [.. Changes(left, right, moreIsBetter)],
            Notes = notes,
        };
    }

    private static IEnumerable<RunDifference> Inputs(ComparedRun left, ComparedRun right)
    {
        if (left.Inputs is not { } a || right.Inputs is not { } b) return [];
        var keys = a.Select(i => (i.Area, i.Name)).Union(b.Select(i => (i.Area, i.Name)));
        var found = keys.Select(k => new RunDifference(k.Area, k.Name, Of(a, k), Of(b, k))).Where(d => d.Left != d.Right).ToList();
        if (left.Training is { } x && right.Training is { } y)
        {
            string[] only = [.. x.Lineage.Partitions.Except(y.Lineage.Partitions)], other = [.. y.Lineage.Partitions.Except(x.Lineage.Partitions)];
            if (only.Length + other.Length > 0) found.Insert(found.TakeWhile(d => d.Area == "data").Count(), new RunDifference("data", "partitions only here", Ids(only), Ids(other)));
        }

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

    private static string? Of(IReadOnlyList<RunInput> inputs, (string Area, string Name) key) => inputs.FirstOrDefault(i => (i.Area, i.Name) == key)?.Value;
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

/// <param name="Inputs">Null where the run trained nothing.</param>
internal sealed record ComparedRun(TrackedRun Tracked, TrainingResult? Training, RunSources? Sources, IReadOnlyList<RunInput>? Inputs);
