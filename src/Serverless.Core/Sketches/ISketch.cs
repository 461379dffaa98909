namespace Serverless.Sketches;

/// <summary>
/// A summary of values in bounded memory. Sketches of disjoint sets of values merge into the sketch of their union without the values: associative and commutative up
/// to the sketch's stated error, and the empty sketch changes nothing. Not thread-safe.
/// </summary>
public interface ISketch<TSelf> where TSelf : ISketch<TSelf>
{
    /// <summary>Takes in what the other one saw; the other is not changed.</summary>
    void Merge(TSelf other);

    /// <summary>An independent one that has seen the same.</summary>
    TSelf Copy();

    /// <summary>Compact, versioned binary form; the same on every machine.</summary>
    byte[] ToBytes();

    /// <exception cref="Problems.DataException">The bytes are damaged, of another sketch, or written by a newer version.</exception>
    static abstract TSelf FromBytes(ReadOnlySpan<byte> bytes);
}
