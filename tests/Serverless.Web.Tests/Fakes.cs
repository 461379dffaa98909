using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Partitions;
using Serverless.Runs;

namespace Serverless.Web.Tests;

/// <summary>Three partitions of flights.</summary>
internal sealed class ThreePartitions : IDatasetHistory
{
    public static readonly Commit Commit = new()
    {
        Dataset = "flights", Version = 1, Drop = "d", File = "a.csv", Bytes = 1, WrittenAt = DateTimeOffset.UnixEpoch, By = "test", Run = "ingest-1", ContractVersion = "c0ffee",
        CodeVersion = "0.1.0", Quarantined = 0,
        Partitions = [.. Enumerable.Range(1, 3).Select(i => new PartitionEntry { Id = $"p{i}", Key = $"2001-01-0{i}", Path = "x", Rows = 10 * i, Bytes = 1, Sha256 = "s" })],
    };

    public Task<IReadOnlyList<Commit>> CommitsAsync(string dataset, CancellationToken cancel = default) => Task.FromResult<IReadOnlyList<Commit>>([Commit]);

    public Task<IReadOnlyList<PartitionRecord>> WrittenAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) => PartitionsAsync(dataset, asOf, cancel);

    public Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) =>
        Task.FromResult<IReadOnlyList<PartitionRecord>>([.. Commit.Partitions.Select(p => new PartitionRecord(p, Commit))]);

    public Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default) => throw new NotSupportedException();
}

/// <summary>Three runs to list.</summary>
internal sealed class ThreeRuns : IRunEngine
{
    public static readonly RunRecord[] Records = [.. Enumerable.Range(1, 3).Select(i => new RunRecord
    {
        Id = $"train-{i}", Kind = "train", Subject = "late", State = "done", Status = RunStatus.Done, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch,
        Data = JsonDocument.Parse("{}").RootElement,
    })];

    public Task<RunRecord?> FindAsync(string id, CancellationToken cancel = default) => Task.FromResult(Records.FirstOrDefault(r => r.Id == id));

    public async IAsyncEnumerable<RunRecord> ListAsync(string? kind = null, string? subject = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        foreach (var record in Records.Where(r => (kind ?? r.Kind) == r.Kind)) yield return record;
    }

    public Task<string> StartAsync<TState>(TState state, string? id = null, CancellationToken cancel = default) where TState : class => throw new NotSupportedException();

    public Task<RunRecord> DriveAsync(string id, IProgress<RunProgress>? progress = null, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<bool> WorkOnceAsync(CancellationToken cancel = default) => throw new NotSupportedException();

    public Task HandleAsync(string messageBody, int deliveries, CancellationToken cancel = default) => throw new NotSupportedException();
}
