using Serverless.Partitions;

namespace Serverless.Core.Tests.Scheduling;

/// <summary>A dataset's history as a list that the test extends.</summary>
internal sealed class GrowingHistory : IDatasetHistory
{
    private readonly List<Commit> commits = [];

    public void Add(DateTimeOffset at)
    {
        var version = commits.Count + 1;
        commits.Add(new Commit
        {
            Dataset = "flights", Version = version, Drop = $"{version}", File = $"{version}.csv", Bytes = 1, WrittenAt = at, By = "test", Run = $"ingest-{version}", ContractVersion = "c",
            CodeVersion = "v", Quarantined = 0, Partitions = [],
        });
    }

    public Task<IReadOnlyList<Commit>> CommitsAsync(string dataset, CancellationToken cancel = default) => Task.FromResult<IReadOnlyList<Commit>>(commits.ToArray());

    public Task<IReadOnlyList<PartitionRecord>> WrittenAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) => PartitionsAsync(dataset, asOf, cancel);

    public Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) =>
        Task.FromResult<IReadOnlyList<PartitionRecord>>([]);

    public Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default) =>
        throw new InvalidOperationException("this history only grows by hand");
}
