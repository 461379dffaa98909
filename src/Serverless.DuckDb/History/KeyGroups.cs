using System.Runtime.InteropServices;
using Serverless.Datasets;

namespace Serverless.DuckDb.History;

/// <summary>Numbers for the different keys of rows, so that the engine joins on one number instead of texts. A row with an empty key column is in no group.</summary>
internal sealed class KeyGroups
{
    // Pairs that are counted in an array rather than a dictionary.
    private const long MostPairs = 1 << 22;

    private KeyGroups(long[] of, List<int> firsts) => (Of, Firsts) = (of, firsts);

    /// <summary>The group of each row; -1 = none.</summary>
    public long[] Of { get; }

    /// <summary>For each group the first row in it. Groups are numbered in the order of their first rows.</summary>
    public IReadOnlyList<int> Firsts { get; }

    public static KeyGroups Find(Table rows, IReadOnlyList<string> columns)
    {
        var (of, firsts) = (new long[rows.Rows], new List<int>());
        var groups = 1;
        foreach (var name in columns)
        {
            var (codes, count) = Codes(rows[name]);
            firsts.Clear();
            groups = Refine(of, groups, codes, count, firsts);
        }

        return new KeyGroups(of, firsts);
    }

    /// <summary>Each group is parted by the codes.</summary>
    private static int Refine(long[] of, int groups, int[] codes, int count, List<int> firsts)
    {
        var array = (long)groups * count <= MostPairs ? new int[groups * count] : null;
        var map = array is null ? new Dictionary<long, int>() : null;
        for (var i = 0; i < of.Length; i++)
        {
            if (of[i] < 0) continue;
            if (codes[i] < 0)
            {
                of[i] = -1;
                continue;
            }

            var pair = (of[i] * count) + codes[i];
            ref var number = ref array is not null ? ref array[pair] : ref CollectionsMarshal.GetValueRefOrAddDefault(map!, pair, out _);
            if (number == 0)
            {
                firsts.Add(i);
                number = firsts.Count;
            }

            of[i] = number - 1;
        }

        return Math.Max(1, firsts.Count);
    }

    /// <summary>A small number for each different value of a column; -1 = missing.</summary>
    private static (int[] Codes, int Count) Codes(TableColumn column)
    {
        switch (column)
        {
            case StringColumn texts when texts.Missing is null: return (texts.Codes, Math.Max(1, texts.Dictionary.Length));
            case StringColumn texts: return ([.. texts.Codes.Select((c, i) => texts.IsMissing(i) ? -1 : c)], Math.Max(1, texts.Dictionary.Length));
            case BooleanColumn flags: return ([.. flags.Values.Select((v, i) => flags.IsMissing(i) ? -1 : v ? 1 : 0)], 2);
        }

        var values = column switch
        {
            IntegerColumn c => c.Values,
            TimestampColumn c => c.Ticks,
            NumberColumn c => Array.ConvertAll(c.Values, BitConverter.DoubleToInt64Bits),
            _ => throw new ArgumentOutOfRangeException(nameof(column), column.GetType().Name, "a column type without keys"),
        };
        var (codes, known) = (new int[values.Length], new Dictionary<long, int>());
        for (var i = 0; i < codes.Length; i++)
        {
            if (column.IsMissing(i))
            {
                codes[i] = -1;
                continue;
            }

            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(known, values[i], out var there);
            if (!there) code = known.Count - 1;
            codes[i] = code;
        }

        return (codes, Math.Max(1, known.Count));
    }
}
