using Serverless.Datasets;

namespace Serverless.DuckDb.History;

/// <summary>Numbers for the different keys of rows, so that the engine joins on one number instead of texts. A row with an empty key column is in no group.</summary>
internal sealed class KeyGroups
{
    private KeyGroups(long[] of, List<int> firsts) => (Of, Firsts) = (of, firsts);

    /// <summary>The group of each row; -1 = none.</summary>
    public long[] Of { get; }

    /// <summary>For each group the first row in it.</summary>
    public IReadOnlyList<int> Firsts { get; }

    public static KeyGroups Find(Table rows, IReadOnlyList<string> columns)
    {
        var of = new long[rows.Rows];
        for (var c = 0; c < columns.Count; c++) Refine(of, rows[columns[c]]);
        var (numbers, firsts) = (new Dictionary<long, long>(), new List<int>());
        for (var i = 0; i < of.Length; i++)
        {
            if (of[i] < 0) continue;
            if (!numbers.TryGetValue(of[i], out var number))
            {
                number = numbers.Count;
                numbers.Add(of[i], number);
                firsts.Add(i);
            }

            of[i] = number;
        }

        return new KeyGroups(of, firsts);
    }

    private static void Refine(long[] of, TableColumn column)
    {
        var pairs = new Dictionary<(long, long), long>();
        for (var i = 0; i < of.Length; i++)
        {
            if (of[i] < 0) continue;
            if (column.IsMissing(i) || column is StringColumn { Codes: var codes } && codes[i] < 0)
            {
                of[i] = -1;
                continue;
            }

            var value = column switch
            {
                IntegerColumn c => c.Values[i],
                BooleanColumn c => c.Values[i] ? 1 : 0,
                TimestampColumn c => c.Ticks[i],
                NumberColumn c => BitConverter.DoubleToInt64Bits(c.Values[i]),
                StringColumn c => c.Codes[i],
                _ => throw new ArgumentOutOfRangeException(nameof(column), column.GetType().Name, "a column type without keys"),
            };
            if (!pairs.TryGetValue((of[i], value), out var pair)) pairs.Add((of[i], value), pair = pairs.Count);
            of[i] = pair;
        }
    }
}
