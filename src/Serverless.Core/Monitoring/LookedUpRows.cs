using Serverless.Datasets;
using Serverless.Drift.Samples;

namespace Serverless.Monitoring;

/// <summary>Stored rows together with the columns that a model looks up for them.</summary>
/// <param name="looked">For the same rows in the same order.</param>
internal sealed class LookedUpRows(StoredRows rows, Table looked) : IDriftSource
{
    public string Name => rows.Name;

    public long Rows => rows.Rows;

    public IReadOnlyList<DriftSourceColumn> Columns { get; } = [.. rows.Columns, .. looked.Columns.Select(c => new DriftSourceColumn(c.Name, c.Type))];

    public Table Read(IReadOnlyList<string> columns, CancellationToken cancel)
    {
        string[] stored = [.. columns.Where(c => !looked.Has(c))];
        var table = stored.Length == 0 ? null : rows.Read(stored, cancel);
        return new Table(looked.Rows, [.. columns.Select(c => looked.Has(c) ? looked[c] : table![c])]);
    }
}
