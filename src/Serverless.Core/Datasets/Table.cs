namespace Serverless.Datasets;

/// <summary>Rows in memory, column by column. Every column has <see cref="Rows"/> values.</summary>
public sealed class Table(int rows, IReadOnlyList<TableColumn> columns)
{
    private readonly Dictionary<string, TableColumn> byName = columns.ToDictionary(c => c.Name, StringComparer.Ordinal);

    public int Rows { get; } = rows;

    public IReadOnlyList<TableColumn> Columns { get; } = columns;

    public TableColumn this[string name] => byName[name];

    public bool Has(string name) => byName.ContainsKey(name);
}

/// <summary>One column. <see cref="Missing"/> is null when every row has a value.</summary>
public abstract record TableColumn(string Name, ColumnType Type, bool[]? Missing)
{
    public abstract int Rows { get; }

    public bool IsMissing(int row) => Missing is not null && Missing[row];
}

public sealed record IntegerColumn(string Name, long[] Values, bool[]? Missing) : TableColumn(Name, ColumnType.Integer, Missing)
{
    public override int Rows => Values.Length;
}

public sealed record NumberColumn(string Name, double[] Values, bool[]? Missing) : TableColumn(Name, ColumnType.Number, Missing)
{
    public override int Rows => Values.Length;
}

public sealed record BooleanColumn(string Name, bool[] Values, bool[]? Missing) : TableColumn(Name, ColumnType.Boolean, Missing)
{
    public override int Rows => Values.Length;
}

/// <param name="Ticks">.NET ticks, UTC.</param>
public sealed record TimestampColumn(string Name, long[] Ticks, bool[]? Missing) : TableColumn(Name, ColumnType.Timestamp, Missing)
{
    public override int Rows => Ticks.Length;
}

/// <param name="Codes">Index into <paramref name="Dictionary"/>; -1 where missing.</param>
public sealed record StringColumn(string Name, int[] Codes, string[] Dictionary, bool[]? Missing) : TableColumn(Name, ColumnType.String, Missing)
{
    public override int Rows => Codes.Length;

    public string? this[int row] => Codes[row] < 0 ? null : Dictionary[Codes[row]];
}
