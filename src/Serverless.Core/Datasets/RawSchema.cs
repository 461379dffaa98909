namespace Serverless.Datasets;

/// <summary>The raw columns that a model reads, each with a slot in a <see cref="RawRow"/>.</summary>
public sealed class RawSchema
{
    private readonly Dictionary<string, int> slots;

    public RawSchema(IReadOnlyList<RawColumn> columns)
    {
        Columns = columns;
        slots = columns.Select((c, i) => (c.Name, i)).ToDictionary(c => c.Name, c => c.i, StringComparer.Ordinal);
    }

    public IReadOnlyList<RawColumn> Columns { get; }

    /// <summary>The slot of a column, or -1.</summary>
    public int Slot(string name) => slots.TryGetValue(name, out var slot) ? slot : -1;

    public RawRow NewRow() => new(Columns.Count);
}

/// <param name="Lookup">Where the value comes from when nobody gives it; null = it has to be given, or is missing.</param>
public sealed record RawColumn(string Name, ColumnType Type, bool Required, string? Unit = null, string? Description = null, FeatureViews.LookupDefinition? Lookup = null);

/// <summary>
/// One row of raw values, reused from row to row: the only form in which training, batch scoring and a request hand a row to the features, so they cannot differ.
/// Integers and numbers stand in <see cref="Numbers"/>, booleans there as 0 or 1; timestamps as .NET ticks in <see cref="Ticks"/>; text in <see cref="Texts"/>.
/// </summary>
public sealed class RawRow(int slots)
{
    public double[] Numbers { get; } = new double[slots];

    /// <summary>Integers (exact) and timestamps (.NET ticks, UTC).</summary>
    public long[] Ticks { get; } = new long[slots];

    public string?[] Texts { get; } = new string?[slots];

    public bool[] Present { get; } = new bool[slots];

    public void Clear() => Array.Clear(Present);

    public void SetNumber(int slot, double value) { Numbers[slot] = value; Present[slot] = !double.IsNaN(value); }

    public void SetInteger(int slot, long value) { Numbers[slot] = value; Ticks[slot] = value; Present[slot] = true; }

    public void SetBoolean(int slot, bool value) { Numbers[slot] = value ? 1 : 0; Present[slot] = true; }

    public void SetTimestamp(int slot, long ticks) { Ticks[slot] = ticks; Present[slot] = true; }

    public void SetText(int slot, string? value) { Texts[slot] = value; Present[slot] = value is not null; }

    public void SetMissing(int slot) => Present[slot] = false;
}
