using DuckDB.NET.Native;

namespace Serverless.DuckDb.Sessions;

/// <summary>Writes one column of some rows. </summary>
/// <param name="column">Its place.</param>
/// <param name="start">The first row.</param>
/// <param name="count">How many rows, at most <see cref="Chunk.MostRows"/>.</param>
internal delegate void VectorWriter(WritableVector vector, int column, int start, int count);

/// <summary>One column of a chunk that is being made, as the engine holds it.</summary>
internal readonly unsafe ref struct WritableVector(nint vector)
{
    private readonly void* data = NativeMethods.Vectors.DuckDBVectorGetData(vector);

    /// <summary>The places, for a column of exactly this type (BIGINT and TIMESTAMP as long, DOUBLE as double, BOOLEAN as byte).</summary>
    public Span<T> Values<T>() where T : unmanaged => new(data, Chunk.MostRows);

    /// <summary>A VARCHAR from its UTF-8 bytes.</summary>
    public void SetText(int row, ReadOnlySpan<byte> utf8)
    {
        fixed (byte* first = utf8) NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(vector, (ulong)row, first, utf8.Length);
    }

    /// <summary>Marks the places where <paramref name="missing"/> is true as null.</summary>
    public void SetMissing(ReadOnlySpan<bool> missing)
    {
        if (!missing.Contains(true)) return;
        NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
        var validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        for (var i = 0; i < missing.Length; i++)
        {
            if (missing[i]) validity[i >> 6] &= ~(1UL << (i & 63));
            else validity[i >> 6] |= 1UL << (i & 63);
        }
    }
}
