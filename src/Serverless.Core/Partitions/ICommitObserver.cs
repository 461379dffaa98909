namespace Serverless.Partitions;

/// <summary>
/// Is told of every committed drop, after everybody can see its partitions. May be told of the same commit again, and must then say and store the same. What it throws is
/// tried again a few times and then noted in the drop's report: it never undoes the commit.
/// </summary>
public interface ICommitObserver
{
    /// <summary>One word for reports.</summary>
    string Name { get; }

    /// <param name="run">The ingest run that committed.</param>
    /// <returns>What a person who brought the drop should read, a sentence each; empty when nothing is remarkable.</returns>
    Task<IReadOnlyList<string>> ObserveAsync(Commit commit, string run, CancellationToken cancel = default);
}
