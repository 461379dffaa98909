using System.Runtime.CompilerServices;
using System.Text;
using Serverless.DuckDb.Sessions;
using Serverless.Sketches;
using BitOperations = System.Numerics.BitOperations;

namespace Serverless.DuckDb.Facts.Counting;

/// <summary>
/// Different texts of a column, numbered in the order in which they were met. The engine keeps short texts (up to 12 bytes) within their cell, padded with zeros: two of
/// them are equal when their cells are, which needs neither hashing of text nor strings.
/// </summary>
internal sealed class TextCodes
{
    private readonly List<string> texts = [];
    private readonly List<byte[]?> longOnes = [];
    private Cell[] cells = new Cell[64];
    private int[] codes = new int[64]; // One more than the code; 0 = free.

    public int Count => texts.Count;

    /// <summary>How long all texts are together, in bytes.</summary>
    public long Bytes { get; private set; }

    public IReadOnlyList<string> All => texts;

    public string this[int code] => texts[code];

    /// <summary>The code of the text in a row that is not null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Of(in Vector vector, int row)
    {
        var cell = vector.Cell(row);
        if (!cell.IsShort) cell = cell with { Rest = ValueHash.Of(vector.Utf8(row)) };
        var mask = cells.Length - 1;
        for (var at = Place(cell) & mask; ; at = (at + 1) & mask)
        {
            if (codes[at] == 0) return Add(cell, vector, row, at);
            var code = codes[at] - 1;
            if (cells[at] == cell && (cell.IsShort || vector.Utf8(row).SequenceEqual(longOnes[code]))) return code;
        }
    }

    public void Clear()
    {
        Bytes = 0;
        texts.Clear();
        longOnes.Clear();
        Array.Clear(codes);
    }

    /// <summary>All codes, their texts in ordinal order.</summary>
    public int[] Ordered()
    {
        var (keys, order) = (texts.ToArray(), Enumerable.Range(0, texts.Count).ToArray());
        Array.Sort(keys, order, StringComparer.Ordinal);
        return order;
    }

    private static int Place(Cell cell) => (int)(BitOperations.RotateLeft(cell.First * 0x9E3779B97F4A7C15, 29) ^ (cell.Rest * 0xC4CEB9FE1A85EC53) >> 32) & int.MaxValue;

    private int Add(Cell cell, in Vector vector, int row, int at)
    {
        var utf8 = vector.Utf8(row);
        Bytes += utf8.Length;
        texts.Add(Encoding.UTF8.GetString(utf8));
        longOnes.Add(cell.IsShort ? null : utf8.ToArray());
        (cells[at], codes[at]) = (cell, texts.Count);
        if (texts.Count * 2 > cells.Length) Grow();
        return texts.Count - 1;
    }

    private void Grow()
    {
        var (oldCells, oldCodes) = (cells, codes);
        (cells, codes) = (new Cell[oldCells.Length * 2], new int[oldCodes.Length * 2]);
        var mask = cells.Length - 1;
        for (var i = 0; i < oldCells.Length; i++)
        {
            if (oldCodes[i] == 0) continue;
            var at = Place(oldCells[i]) & mask;
            while (codes[at] != 0) at = (at + 1) & mask;
            (cells[at], codes[at]) = (oldCells[i], oldCodes[i]);
        }
    }
}
