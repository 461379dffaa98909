using Serverless.Models;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>Several classes as a binary question for each, by hand, because ML.NET keeps the parts of its own to itself.</summary>
internal static class OneAgainstAll
{
    public static IEnumerable<TrainingSet> Of(TrainingSet set) => set.Task == TaskKind.Binary ? [set]
        : Enumerable.Range(0, set.Classes).Select(k => set with { Task = TaskKind.Binary, Classes = 2, Labels = [.. set.Labels.Select(l => l == k ? 1f : 0f)] });
}
