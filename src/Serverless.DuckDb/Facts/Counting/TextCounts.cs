using System.Runtime.CompilerServices;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts.Counting;

/// <summary>Texts get a number once for the column; what is counted by period are the numbers.</summary>
internal sealed class TextCounts(ColumnDefinition column) : ColumnCounts(column)
{
    /// <summary>With more different texts than this, all is handed over and numbering begins anew: memory stays bounded.</summary>
    private const int MostTexts = 50_000;

    /// <summary>Likewise, in bytes.</summary>
    private const long MostBytes = 32_000_000;

    private readonly TextCodes codes = new();
    private readonly List<int[]> counts = [];
    private int[]? ordered;
    private bool complete = true;

    public override IReadOnlyList<string>? Texts => complete ? codes.All : null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(int period, in Vector vector, int start, int end)
    {
        var mine = counts[period];
        var nulls = 0;
        for (var i = start; i < end; i++)
        {
            if (vector.IsNull(i))
            {
                nulls++;
                continue;
            }

            var code = codes.Of(vector, i);
            if (code >= mine.Length) mine = counts[period] = Longer(mine, code);
            mine[code]++;
        }

        ordered = null;
        if (nulls > 0) AddNulls(period, nulls);
        if (codes.Count <= MostTexts && codes.Bytes <= MostBytes) return;
        for (var p = 0; p < counts.Count; p++) Flush(p);
        codes.Clear();
        complete = false;
        ordered = null;
    }

    protected override void OnPeriod() => counts.Add([]);

    protected override void Flush(int period)
    {
        ordered ??= codes.Ordered();
        var mine = counts[period];
        var found = ordered.Where(c => c < mine.Length && mine[c] > 0).ToArray();
        State<TextState>(period).Add(Array.ConvertAll(found, c => codes[c]), Array.ConvertAll(found, c => (long)mine[c]));
        counts[period] = [];
    }

    private static int[] Longer(int[] counts, int code)
    {
        Array.Resize(ref counts, Math.Max(code + 1, Math.Max(256, counts.Length * 2)));
        return counts;
    }
}

/// <summary>Booleans: a byte each.</summary>
internal sealed class BooleanCounts(ColumnDefinition column) : ColumnCounts(column)
{
    public override void Add(int period, in Vector vector, int start, int end)
    {
        var values = vector.Values<byte>();
        int trues = 0, nulls = 0;
        for (var i = start; i < end; i++)
        {
            if (vector.IsNull(i)) nulls++;
            else if (values[i] != 0) trues++;
        }

        AddNulls(period, nulls);
        State<BooleanState>(period).Add(trues, end - start - nulls - trues);
    }

    protected override void OnPeriod()
    {
        // The state itself counts.
    }

    protected override void Flush(int period)
    {
        // As above.
    }
}
