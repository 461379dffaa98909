using System.Buffers;

namespace Serverless.Scoring;

/// <summary>
/// A request of another protocol, written as <c>{"rows":[...]}</c>, so that <see cref="RequestReader"/> is the one place where rows are read and judged and the log keeps every row in one form.
/// Values are copied as they were sent. Used again by later requests; not thread-safe.
/// </summary>
public sealed class RowsText
{
    private const int KeptCells = 1_000_000;
    private const int KeptBytes = 4 * 1024 * 1024;

    private readonly List<Column> columns = [];
    private ArrayBufferWriter<byte> text = new(1024);
    private (int Start, int Length)[] cells = new (int, int)[64];
    private int count;
    private RequestLimits limits = new();

    /// <summary>What could not be written as rows; null when all is well. Fields are named as the caller sent them.</summary>
    public FieldErrors? Errors { get; private set; }

    /// <summary>More rows than the limit: reading stopped there.</summary>
    public bool TooManyRows { get; internal set; }

    /// <summary>What <c>rows</c> is called in the protocol, for messages: <c>dataframe_split.data</c>.</summary>
    public string Origin { get; internal set; } = "rows";

    public ReadOnlySpan<byte> Written => text.WrittenSpan;

    internal IReadOnlyList<Column> Columns => columns;

    internal int Cells => count;

    // A list that nobody reads to its end.
    internal bool Enough => Errors is { } errors && errors.Count >= limits.MaxErrors;

    internal void Begin(RequestLimits within)
    {
        limits = within;
        columns.Clear();
        if (cells.Length > KeptCells) cells = new (int, int)[64];
        if (text.Capacity > KeptBytes) text = new ArrayBufferWriter<byte>(1024);
        text.ResetWrittenCount();
        (count, Errors, TooManyRows, Origin) = (0, null, false, "rows");
    }

    internal void Fail(string field, string message) => (Errors ??= new FieldErrors(limits.MaxErrors)).Add(field, message);

    internal void Append(ReadOnlySpan<byte> bytes) => text.Write(bytes);

    internal IBufferWriter<byte> Writer => text;

    /// <summary>A value by its place in the body; a negative start is one of <see cref="Word"/>.</summary>
    internal void Cell(int start, int length)
    {
        if (count == cells.Length) Array.Resize(ref cells, count * 2);
        cells[count++] = (start, length);
    }

    /// <summary>Forgets cells from a place on: their tensor was wrong.</summary>
    internal void Forget(int from) => count = from;

    /// <param name="name">The quoted name, as JSON.</param>
    /// <param name="first">Its first cell.</param>
    /// <param name="stride">Cells from one row to the next.</param>
    /// <param name="slot">As <see cref="InputTable.Find(ref System.Text.Json.Utf8JsonReader, int)"/> gives it.</param>
    internal void Add(ReadOnlyMemory<byte> name, int slot, int first, int stride, bool boolean) => columns.Add(new Column(name, slot, first, stride, boolean));

    internal bool Has(int slot, ReadOnlySpan<byte> name)
    {
        foreach (var column in columns) if (slot >= 0 ? column.Slot == slot : column.Name.Span.SequenceEqual(name)) return true;
        return false;
    }

    /// <summary>Writes the rows of all columns.</summary>
    internal void WriteRows(ReadOnlySpan<byte> body, int rows)
    {
        Append("{\"rows\":["u8);
        for (var row = 0; row < rows; row++)
        {
            if (row > 0) Append(","u8);
            Append("{"u8);
            for (var i = 0; i < columns.Count; i++)
            {
                if (i > 0) Append(","u8);
                var column = columns[i];
                Append(column.Name.Span);
                Append(":"u8);
                var (start, length) = cells[column.First + row * column.Stride];
                var value = start < 0 ? Word.Text(start) : body.Slice(start, length);
                Append(column.Boolean ? Word.Truth(value) : value);
            }

            Append("}"u8);
        }

        Append("]"u8);
    }

    /// <summary>Ends the object; values of the request's own fields are handed on as they were sent. Empty = not given.</summary>
    internal void Close(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> keys)
    {
        Field(",\"subject\":"u8, subject);
        Field(",\"keys\":"u8, keys);
        Append("}"u8);
    }

    /// <summary>As <see cref="Close"/>, with keys made of the request's own name: itself for one row, <c>name/0</c>, <c>name/1</c>... for several.</summary>
    /// <param name="name">Quoted.</param>
    internal void CloseNamed(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> name, int rows)
    {
        Field(",\"subject\":"u8, subject);
        Append(",\"keys\":["u8);
        Span<byte> number = stackalloc byte[16];
        for (var row = 0; row < rows; row++)
        {
            if (row > 0) Append(","u8);
            if (rows == 1) Append(name);
            else
            {
                Append(name[..^1]);
                Append("/"u8);
                System.Buffers.Text.Utf8Formatter.TryFormat(row, number, out var length);
                Append(number[..length]);
                Append("\""u8);
            }
        }

        Append("]}"u8);
    }

    private void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return;
        Append(name);
        Append(value);
    }

    /// <param name="Boolean">Numbers 0 and 1 stand for false and true.</param>
    internal readonly record struct Column(ReadOnlyMemory<byte> Name, int Slot, int First, int Stride, bool Boolean);

    internal static class Word
    {
        public const int True = -1;
        public const int False = -2;
        public const int Null = -3;

        public static ReadOnlySpan<byte> Text(int word) => word switch { True => "true"u8, False => "false"u8, _ => "null"u8 };

        /// <summary>0 and 1, also written as 1.0; anything else stays, to be refused by the row's reader.</summary>
        public static ReadOnlySpan<byte> Truth(ReadOnlySpan<byte> value)
        {
            if (value.IsEmpty || value[0] is not ((byte)'0' or (byte)'1' or (byte)'-')) return value;
            return System.Buffers.Text.Utf8Parser.TryParse(value, out double number, out var read) && read == value.Length && number is 0 or 1 ? number == 1 ? "true"u8 : "false"u8 : value;
        }
    }
}
