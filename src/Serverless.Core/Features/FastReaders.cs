using Serverless.Datasets;

namespace Serverless.Features;

/// <summary>
/// Readers for the expressions that most features are: a column, or one member of it. They give what the general compiler would give, without waking the
/// expression compiler, which costs a tenth of a second at a cold start.
/// </summary>
internal static class FastReaders
{
    private static readonly Dictionary<string, Func<long, double>> TimestampMembers = new(StringComparer.Ordinal)
    {
        ["Year"] = static t => new DateTime(t).Year,
        ["Month"] = static t => new DateTime(t).Month,
        ["Day"] = static t => new DateTime(t).Day,
        ["Hour"] = static t => t / TimeSpan.TicksPerHour % 24,
        ["Minute"] = static t => t / TimeSpan.TicksPerMinute % 60,
        ["Second"] = static t => t / TimeSpan.TicksPerSecond % 60,
        ["DayOfYear"] = static t => new DateTime(t).DayOfYear,
        ["DayOfWeek"] = static t => (t / TimeSpan.TicksPerDay + 1) % 7,
    };

    /// <summary>A reader, or null when the expression needs the general compiler.</summary>
    public static ValueReader? TryCreate(string expression, RawSchema schema, bool times = false)
    {
        var text = expression.AsSpan().Trim();
        if (text.StartsWith("int(") && text[^1] == ')')
        {
            var inner = text[4..^1].Trim();
            return inner.EndsWith(".DayOfWeek") ? Member(inner, schema) : null;
        }

        return schema.Slot(text.ToString()) is >= 0 and var slot ? Column(schema.Columns[slot], slot, times) : Member(text, schema);
    }

    private static ValueReader? Column(RawColumn column, int slot, bool times) => column.Type switch
    {
        ColumnType.Integer or ColumnType.Number => new NumberColumnReader(column.Name, slot, ValueKind.Number),
        ColumnType.Boolean => new NumberColumnReader(column.Name, slot, ValueKind.Boolean),
        ColumnType.String => new TextColumnReader(column.Name, slot),
        ColumnType.Timestamp when times => new TimestampReader(column.Name, slot),
        _ => null,
    };

    private static ValueReader? Member(ReadOnlySpan<char> text, RawSchema schema)
    {
        var dot = text.LastIndexOf('.');
        if (dot <= 0 || schema.Slot(text[..dot].ToString()) is not (>= 0 and var slot)) return null;
        var column = schema.Columns[slot];
        var member = text[(dot + 1)..].ToString();
        return column.Type == ColumnType.Timestamp && TimestampMembers.TryGetValue(member, out var read) ? new TimestampMemberReader(column.Name, slot, read)
            : column.Type == ColumnType.String && member == "Length" ? new TextLengthReader(column.Name, slot)
            : null;
    }

    private sealed class NumberColumnReader(string name, int slot, ValueKind kind) : ValueReader
    {
        public override ValueKind Kind => kind;

        public override IReadOnlyList<string> Columns { get; } = [name];

        public override double Number(RawRow row) => row.Present[slot] ? row.Numbers[slot] : double.NaN;
    }

    private sealed class TimestampMemberReader(string name, int slot, Func<long, double> read) : ValueReader
    {
        public override ValueKind Kind => ValueKind.Number;

        public override IReadOnlyList<string> Columns { get; } = [name];

        public override double Number(RawRow row) => row.Present[slot] ? read(row.Ticks[slot]) : double.NaN;
    }

    private sealed class TimestampReader(string name, int slot) : ValueReader
    {
        public override ValueKind Kind => ValueKind.Timestamp;

        public override IReadOnlyList<string> Columns { get; } = [name];

        public override double Number(RawRow row) => double.NaN;

        public override bool TryTicks(RawRow row, out long ticks)
        {
            ticks = row.Ticks[slot];
            return row.Present[slot];
        }
    }

    private sealed class TextLengthReader(string name, int slot) : ValueReader
    {
        public override ValueKind Kind => ValueKind.Number;

        public override IReadOnlyList<string> Columns { get; } = [name];

        public override double Number(RawRow row) => row.Present[slot] && row.Texts[slot] is { } text ? text.Length : double.NaN;
    }

    private sealed class TextColumnReader(string name, int slot) : ValueReader
    {
        public override ValueKind Kind => ValueKind.Text;

        public override IReadOnlyList<string> Columns { get; } = [name];

        public override double Number(RawRow row) => double.NaN;

        public override string? Text(RawRow row) => row.Present[slot] ? row.Texts[slot] : null;
    }
}
