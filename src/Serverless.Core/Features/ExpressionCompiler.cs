using System.Linq.Dynamic.Core;
using System.Linq.Dynamic.Core.Exceptions;
using System.Linq.Expressions;
using System.Text;
using Serverless.Datasets;

namespace Serverless.Features;

/// <summary>
/// Compiles an expression in C# syntax over raw columns into a delegate over <see cref="RawRow"/>. Columns have their plain .NET types (long, double, string, bool,
/// DateTime); where a column that the expression reads is missing in a row, so is the value. Arithmetic that fails for a row's values (division by zero, a substring
/// beyond the end) gives a missing value too.
/// </summary>
internal static class ExpressionCompiler
{
    private static readonly ParsingConfig Config = new() { IsCaseSensitive = true, ResolveTypesBySimpleName = false, AllowNewToEvaluateAnyType = false };

    /// <param name="times">A timestamp is allowed too.</param>
    /// <param name="functions">Own functions that it may call; null = the newest of each that this process knows.</param>
    /// <exception cref="ExpressionException">It does not compile; the message says why and the position where.</exception>
    public static ValueReader Compile(string expression, RawSchema schema, bool times = false, FunctionSet? functions = null)
    {
        if (string.IsNullOrWhiteSpace(expression)) throw new ExpressionException("the expression is empty", null);
        return FastReaders.TryCreate(expression, schema, times) ?? CompileGeneral(expression, schema, times, functions);
    }

    /// <summary>Without the short cut for plain columns; the two are compared in tests.</summary>
    internal static ValueReader CompileGeneral(string expression, RawSchema schema, bool times = false, FunctionSet? functions = null)
    {
        functions ??= FeatureFunctions.Newest;
        var parameters = schema.Columns.Select(c => Expression.Parameter(ClrType(c.Type), c.Name)).ToArray();
        var body = Parse(expression, schema, parameters, functions);
        new AllowedMembers(expression).Visit(body);
        var used = new UsedParameters();
        used.Visit(body);
        var slots = parameters.Select((p, i) => (p, i)).Where(p => used.Found.Contains(p.p)).Select(p => p.i).ToArray();
        var row = Expression.Parameter(typeof(RawRow), "row");
        var bound = new ColumnBinding(parameters, row).Visit(body);
        var read = new Source([.. slots.Select(s => schema.Columns[s].Name)], slots, functions.UsedBy(body));
        return ToReader(expression, read, row, bound, times);
    }

    private static Expression Parse(string expression, RawSchema schema, ParameterExpression[] parameters, FunctionSet functions)
    {
        try
        {
            // A second parameter keeps the parser from treating a lone one as "it", whose members would be in scope without a name.
            ParameterExpression[] all = [.. parameters, Expression.Parameter(typeof(byte), "\u0001"), Expression.Parameter(typeof(byte), "\u0002")];
            return DynamicExpressionParser.ParseLambda(Config, false, all, null, expression, functions.Symbols).Body;
        }
        catch (ParseException e)
        {
            throw ParseMessages.Explain(expression, e.Message, e.Position, schema, functions);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or NotSupportedException or OverflowException or FormatException)
        {
            throw new ExpressionException($"'{expression}' does not compile: {e.Message.TrimEnd('.')}", null);
        }
    }

    private static ValueReader ToReader(string expression, Source source, ParameterExpression row, Expression body, bool times)
    {
        var type = Nullable.GetUnderlyingType(body.Type) ?? body.Type;
        if (type == typeof(string))
        {
            return new TextReader(source, Guarded<string?>(body, row, Expression.Constant(null, typeof(string))));
        }

        if (times && type == typeof(DateTime))
        {
            var time = body.Type == type ? Expression.Property(body, nameof(DateTime.Ticks))
                : (Expression)Expression.Condition(Expression.Property(body, "HasValue"), Expression.Property(Expression.Property(body, "Value"), nameof(DateTime.Ticks)), Expression.Constant(-1L));
            return new TimeReader(source, Guarded<long>(time, row, Expression.Constant(-1L)));
        }

        if (type == typeof(bool))
        {
            var number = Expression.Condition(
                body.Type == typeof(bool) ? body : Expression.Equal(body, Expression.Constant(true, typeof(bool?))), Expression.Constant(1.0), Expression.Constant(0.0));
            var value = body.Type == typeof(bool) ? (Expression)number
                : Expression.Condition(Expression.Equal(body, Expression.Constant(null, typeof(bool?))), Expression.Constant(double.NaN), number);
            return new NumberReader(source, ValueKind.Boolean, Guarded<double>(value, row, Expression.Constant(double.NaN)));
        }

        if (!IsNumber(type)) throw new ExpressionException(NotANumber(expression, type), null);
        var asNumber = type.IsEnum ? Expression.Convert(body, body.Type == type ? typeof(int) : typeof(int?)) : body;
        var asDouble = asNumber.Type == typeof(double) ? asNumber
            : Nullable.GetUnderlyingType(asNumber.Type) is null ? Expression.Convert(asNumber, typeof(double))
            : (Expression)Expression.Coalesce(Expression.Convert(asNumber, typeof(double?)), Expression.Constant(double.NaN));
        return new NumberReader(source, ValueKind.Number, Guarded<double>(asDouble, row, Expression.Constant(double.NaN)));
    }

    private static Func<RawRow, T> Guarded<T>(Expression body, ParameterExpression row, Expression missing) => Expression.Lambda<Func<RawRow, T>>(
        Expression.TryCatch(body,
            Expression.Catch(typeof(ArithmeticException), missing),
            Expression.Catch(typeof(ArgumentException), missing),
            Expression.Catch(typeof(FormatException), missing),
            Expression.Catch(typeof(IndexOutOfRangeException), missing),
            Expression.Catch(typeof(NullReferenceException), missing)),
        row).Compile();

    private static bool IsNumber(Type type) => type.IsEnum || Type.GetTypeCode(type) is
        TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Int64 or TypeCode.UInt64
        or TypeCode.Single or TypeCode.Double or TypeCode.Decimal;

    private static string NotANumber(string expression, Type type) =>
        type == typeof(DateTime) ? $"'{expression}' is a timestamp, not a number or text; take a part of it such as '.Hour', or a difference such as '(a - b).TotalDays'"
        : type == typeof(TimeSpan) ? $"'{expression}' is a time span, not a number or text; take '.TotalDays', '.TotalHours' or '.TotalMinutes' of it"
        : $"'{expression}' gives a {type.Name}; expected a number, a boolean or text";

    internal static Type ClrType(ColumnType type) => type switch
    {
        ColumnType.Integer => typeof(long),
        ColumnType.Number => typeof(double),
        ColumnType.String => typeof(string),
        ColumnType.Boolean => typeof(bool),
        _ => typeof(DateTime),
    };

    private sealed class UsedParameters : ExpressionVisitor
    {
        public HashSet<ParameterExpression> Found { get; } = [];

        protected override Expression VisitParameter(ParameterExpression node)
        {
            Found.Add(node);
            return node;
        }
    }

    private sealed class ColumnBinding(ParameterExpression[] parameters, ParameterExpression row) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node)
        {
            var slot = Array.IndexOf(parameters, node);
            if (slot < 0) return node;
            Expression At(string property) => Expression.ArrayIndex(Expression.Property(row, property), Expression.Constant(slot));
            return node.Type == typeof(long) ? At(nameof(RawRow.Ticks))
                : node.Type == typeof(double) ? At(nameof(RawRow.Numbers))
                : node.Type == typeof(bool) ? Expression.NotEqual(At(nameof(RawRow.Numbers)), Expression.Constant(0.0))
                : node.Type == typeof(string) ? At(nameof(RawRow.Texts))
                : Expression.New(typeof(DateTime).GetConstructor([typeof(long), typeof(DateTimeKind)])!, At(nameof(RawRow.Ticks)), Expression.Constant(DateTimeKind.Utc));
        }
    }

    /// <summary>What an expression reads.</summary>
    private sealed record Source(string[] Columns, int[] Slots, IReadOnlyList<FunctionVersion> Functions);

    private sealed class NumberReader(Source source, ValueKind kind, Func<RawRow, double> read) : ValueReader
    {
        public override ValueKind Kind => kind;

        public override IReadOnlyList<string> Columns => source.Columns;

        public override IReadOnlyList<FunctionVersion> Functions => source.Functions;

        public override double Number(RawRow row) => AllPresent(row, source.Slots) ? read(row) : double.NaN;
    }

    private sealed class TextReader(Source source, Func<RawRow, string?> read) : ValueReader
    {
        public override ValueKind Kind => ValueKind.Text;

        public override IReadOnlyList<string> Columns => source.Columns;

        public override IReadOnlyList<FunctionVersion> Functions => source.Functions;

        public override double Number(RawRow row) => double.NaN;

        public override string? Text(RawRow row) => AllPresent(row, source.Slots) ? WellFormed(read(row)) : null;

        // A substring may cut a character in two; half a one cannot be stored, and what was learned must be found again.
        private static string? WellFormed(string? text) =>
            text is null || text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0 ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    private sealed class TimeReader(Source source, Func<RawRow, long> read) : ValueReader
    {
        public override ValueKind Kind => ValueKind.Timestamp;

        public override IReadOnlyList<string> Columns => source.Columns;

        public override IReadOnlyList<FunctionVersion> Functions => source.Functions;

        public override double Number(RawRow row) => double.NaN;

        public override bool TryTicks(RawRow row, out long ticks)
        {
            ticks = AllPresent(row, source.Slots) ? read(row) : -1;
            return ticks >= 0;
        }
    }

    private static bool AllPresent(RawRow row, int[] slots)
    {
        foreach (var slot in slots)
        {
            if (!row.Present[slot]) return false;
        }

        return true;
    }
}

/// <summary>An expression that does not compile.</summary>
/// <param name="position">Offset of the offending character within the expression, from 0; null when unknown.</param>
internal sealed class ExpressionException(string message, int? position) : Exception(message)
{
    public int? Position { get; } = position;
}
