using System.Runtime.InteropServices;

namespace Serverless.Scoring.Predictors;

/// <summary>
/// A split, 16 bytes, so that a hundred trees stay in the cache. <see cref="Left"/> and <see cref="Right"/> are nodes, or leaves where negative (~leaf).
/// Features are floats, so a double threshold t is kept as the greatest float not above it: <c>x &lt;= t</c> has the same answer for every float x.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TreeNode
{
    /// <summary>Threshold; for <see cref="SplitKind.Category"/> the number in a category's place; for <see cref="SplitKind.Categories"/> the bits of an offset into the bit sets.</summary>
    public float Threshold;

    /// <summary>Slot in the lower 24 bits, <see cref="SplitKind"/> above.</summary>
    public int SlotAndKind;

    public int Left;

    public int Right;

    public readonly int Slot => SlotAndKind & 0xFFFFFF;

    public readonly SplitKind Kind => (SplitKind)(SlotAndKind >>> 24);
}

/// <summary>How a split decides.</summary>
internal enum SplitKind
{
    /// <summary>Left if x is at most the threshold; NaN goes right.</summary>
    Number = 0,

    /// <summary>Left if x is at most the threshold; NaN goes left.</summary>
    NumberMissingLeft = 1,

    /// <summary>NaN and (almost) zero go left, else by threshold.</summary>
    ZeroMissingLeft = 2,

    /// <summary>NaN and (almost) zero go right, else by threshold.</summary>
    ZeroMissingRight = 3,

    /// <summary>Left if the category is this one; NaN goes right.</summary>
    Category = 4,

    /// <summary>Left if the category's bit is set; NaN, negative and unknown go right.</summary>
    Categories = 5,
}
