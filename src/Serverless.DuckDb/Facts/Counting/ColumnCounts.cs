using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts.Counting;

/// <summary>Counts of one column by period, on the way into the states of a profile. Periods are numbered as they are met.</summary>
internal abstract class ColumnCounts(ColumnDefinition column)
{
    private readonly List<ColumnState> states = [];

    public static ColumnCounts For(ColumnDefinition column) => column.Type switch
    {
        ColumnType.Integer or ColumnType.Timestamp => new WholeCounts(column),
        ColumnType.Number => new NumberCounts(column),
        ColumnType.Boolean => new BooleanCounts(column),
        _ => new TextCounts(column),
    };

    /// <summary>The different texts of a column of text; null when they were too many or too long to keep, or the column has none.</summary>
    public virtual IReadOnlyList<string>? Texts => null;

    /// <summary>A period more.</summary>
    public void AddPeriod()
    {
        states.Add(ColumnState.Create(column.Name, column.Type));
        OnPeriod();
    }

    /// <summary>Rows of one period, from <paramref name="start"/> up to before <paramref name="end"/>.</summary>
    public abstract void Add(int period, in Vector vector, int start, int end);

    /// <summary>The states of all periods.</summary>
    public IReadOnlyList<ColumnState> Finish()
    {
        for (var period = 0; period < states.Count; period++) Flush(period);
        return states;
    }

    protected TState State<TState>(int period) where TState : ColumnState => (TState)states[period];

    protected void AddNulls(int period, int nulls) => states[period].AddNulls(nulls);

    protected abstract void OnPeriod();

    /// <summary>Hands over what was counted so far.</summary>
    protected abstract void Flush(int period);
}
