using System.Runtime.CompilerServices;
using System.Text;
using DuckDB.NET.Native;

namespace Serverless.DuckDb.Sessions;

internal delegate void ChunkReader(in Chunk chunk);

/// <summary>Up to 2,048 rows as DuckDB holds them in memory. Valid only during the call that got it.</summary>
internal readonly unsafe ref struct Chunk(DuckDBDataChunk handle)
{
    /// <summary>Rows of a full chunk (the engine's vector size).</summary>
    public const int MostRows = 2048;

    public int Rows { get; } = (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(handle);

    public Vector this[int column] => new(NativeMethods.DataChunks.DuckDBDataChunkGetVector(handle, column), Rows);
}

/// <summary>One column of a chunk.</summary>
internal readonly unsafe ref struct Vector
{
    private readonly void* data;
    private readonly ulong* validity;
    private readonly int rows;

    public Vector(nint vector, int rows)
    {
        data = NativeMethods.Vectors.DuckDBVectorGetData(vector);
        validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        this.rows = rows;
    }

    /// <summary>No null among the rows.</summary>
    public bool AllValid => validity == null;

    public bool IsNull(int row) => validity != null && (validity[row >> 6] & (1UL << (row & 63))) == 0;

    /// <summary>The values, for a column of exactly this type (BIGINT and TIMESTAMP as long, DOUBLE as double, BOOLEAN as byte). Null places hold anything.</summary>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => new(data, rows);

    /// <summary>UTF-8 bytes of a VARCHAR: 16 bytes each, inlined up to 12 characters, else a pointer after a prefix of 4.</summary>
    public ReadOnlySpan<byte> Utf8(int row)
    {
        var cell = (byte*)data + (row * 16L);
        var length = (int)Unsafe.ReadUnaligned<uint>(cell);
        return length <= 12 ? new ReadOnlySpan<byte>(cell + 4, length) : new ReadOnlySpan<byte>(*(byte**)(cell + 8), length);
    }

    /// <summary>The 16 bytes that hold or point to a VARCHAR.</summary>
    public Cell Cell(int row) => Unsafe.ReadUnaligned<Cell>((byte*)data + (row * 16L));

    public string? Text(int row) => IsNull(row) ? null : Encoding.UTF8.GetString(Utf8(row));
}

/// <summary>A VARCHAR as the engine holds it: length, then 12 bytes of text padded with zeros, or 4 bytes of it and a pointer.</summary>
internal readonly record struct Cell(ulong First, ulong Rest)
{
    /// <summary>The text is in the cell: equal texts have equal cells.</summary>
    public bool IsShort => (uint)First <= 12;
}
