using Serverless.Datasets;
using Serverless.Erasure;
using Serverless.Replay;

namespace Serverless.Core.Tests.Scoring.Batch;

/// <summary>What other kinds of run need, where none of them is run.</summary>
internal sealed class NoRows : IRowFilter, IQuarantineJudge
{
    public Task<IReadOnlyList<string>> ColumnsAsync(DatasetDefinition dataset, string condition, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<FoundRows>> FindAsync(IReadOnlyList<string> paths, RowForm form, DatasetDefinition dataset, string condition, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task RemoveAsync(string path, string to, RowForm form, IReadOnlyList<long> rows, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<JudgedRows> JudgeAsync(IReadOnlyList<string> paths, DatasetDefinition dataset, DateTimeOffset arrived, string mark, string folder, CancellationToken cancel = default) => throw new NotSupportedException();
}
