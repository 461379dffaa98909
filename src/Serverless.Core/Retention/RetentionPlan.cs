namespace Serverless.Retention;

/// <summary>What may go, and what was looked at and stays, each with its reason.</summary>
public sealed record RetentionPlan(IReadOnlyList<RetainedItem> Remove, IReadOnlyList<RetainedItem> Keep)
{
    public long Bytes => Remove.Sum(i => i.Bytes);
}

/// <param name="Kind">version, candidate, predictions, partition, leftover.</param>
/// <param name="Subject">Model or dataset.</param>
/// <param name="Name">Number, run, day or partition.</param>
/// <param name="Reason">Why it goes, or why it stays.</param>
public sealed record RetainedItem(string Kind, string Subject, string Name, string Reason, long Bytes)
{
    /// <summary>Keys of the objects.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<string> Keys { get; init; } = [];
}

/// <summary>Which versions answered, according to files of the prediction log.</summary>
public interface ILoggedVersions
{
    /// <param name="paths">Parquet files on this machine.</param>
    /// <exception cref="Problems.DataException">One of them cannot be read.</exception>
    Task<IReadOnlyList<int>> VersionsAsync(IReadOnlyList<string> paths, CancellationToken cancel = default);
}

public interface IRetention
{
    /// <summary>What the settings let go now. Changes nothing.</summary>
    Task<RetentionPlan> PlanAsync(CancellationToken cancel = default);

    /// <summary>Removes what a plan made now lets go; gives what was removed. May be repeated at any time, also after it was killed.</summary>
    Task<RetentionPlan> RemoveAsync(string by, string comment, CancellationToken cancel = default);
}
