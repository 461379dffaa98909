using Serverless.Datasets;

namespace Serverless.Profiles;

/// <summary>The states of all columns of a set of rows.</summary>
public sealed class ProfileState(long rows, IReadOnlyList<ColumnState> columns)
{
    public long Rows { get; private set; } = rows;

    public IReadOnlyList<ColumnState> Columns { get; private set; } = columns;

    /// <summary>Of no rows.</summary>
    public static ProfileState Empty(IEnumerable<ColumnDefinition> columns) => new(0, [.. columns.Select(c => ColumnState.Create(c.Name, c.Type))]);

    /// <summary>
    /// Takes in the rows of another one, without reading them; the other is not changed. A column that only one of them has is empty in the rows of the other, as it
    /// is when they are read together.
    /// </summary>
    /// <exception cref="Problems.DataException">A column is of another type there (see <see cref="Fits"/>).</exception>
    public void Merge(ProfileState other)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            var mine = Columns[i];
            var theirs = i < other.Columns.Count && other.Columns[i].Name == mine.Name ? other.Columns[i] : other.Columns.FirstOrDefault(c => c.Name == mine.Name);
            if (theirs is null) mine.AddNulls(other.Rows);
            else mine.Merge(theirs);
        }

        var more = other.Columns.Where(t => Columns.All(c => c.Name != t.Name)).Select(t => t.Copy()).ToList();
        foreach (var column in more) column.AddNulls(Rows);
        if (more.Count > 0) Columns = [.. Columns, .. more];
        Rows += other.Rows;
    }

    /// <summary>Whether the columns that are wanted have the types that are wanted; where not, the rows have to be read under the contract of today.</summary>
    public bool Fits(IReadOnlyList<ColumnDefinition> wanted) => Columns.All(c => wanted.All(w => w.Name != c.Name || w.Type == c.Type));

    /// <summary>Only the columns that are wanted, in their order; one that is not here is empty throughout.</summary>
    public ProfileState Of(IReadOnlyList<ColumnDefinition> wanted)
    {
        ColumnState Column(ColumnDefinition definition)
        {
            if (Columns.FirstOrDefault(c => c.Name == definition.Name) is { } there) return there;
            var empty = ColumnState.Create(definition.Name, definition.Type);
            empty.AddNulls(Rows);
            return empty;
        }

        return new ProfileState(Rows, [.. wanted.Select(Column)]);
    }

    /// <summary>The figures, with the states.</summary>
    public Profile ToProfile() => new() { Rows = Rows, Columns = [.. Columns.Select(c => c.ToProfile())], States = Columns };
}
