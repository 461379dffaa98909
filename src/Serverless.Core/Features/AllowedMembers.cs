using System.Linq.Expressions;
using System.Reflection;

namespace Serverless.Features;

/// <summary>
/// Lets an expression use only values: arithmetic, text, dates and mathematics. What depends on the machine, the clock or chance is refused, because the same row
/// must give the same features in training and at every later prediction.
/// </summary>
internal sealed class AllowedMembers(string expression) : ExpressionVisitor
{
    private static readonly HashSet<Type> Types =
    [
        typeof(Math), typeof(Convert), typeof(string), typeof(DateTime), typeof(TimeSpan), typeof(DayOfWeek), typeof(Enumerable), typeof(StringComparison),
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double),
        typeof(decimal), typeof(char),
    ];

    private static readonly HashSet<string> Refused = new(StringComparer.Ordinal)
    {
        "Now", "UtcNow", "Today", "ToLocalTime", "NewGuid", "GetType", "GetHashCode", "FromFileTime", "ToFileTime", "Intern", "IsInterned", "Parallel",
    };

    protected override Expression VisitMember(MemberExpression node)
    {
        Check(node.Member);
        return base.VisitMember(node);
    }

    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        Check(node.Method);
        return base.VisitMethodCall(node);
    }

    protected override Expression VisitNew(NewExpression node)
    {
        if (!Types.Contains(node.Type)) throw Refuse($"'new' of {node.Type.Name} is not allowed in an expression");
        return base.VisitNew(node);
    }

    private void Check(MemberInfo member)
    {
        var type = member.DeclaringType is { } declaring ? Nullable.GetUnderlyingType(declaring) ?? declaring : null;
        if (type is not null && (type.IsEnum || type.IsArray || Types.Contains(type) || type == typeof(object) || type == typeof(ValueType)) && !Refused.Contains(member.Name)) return;
        throw Refuse(Refused.Contains(member.Name)
            ? $"'{member.Name}' is not allowed: a feature must give the same value for the same row, today and in every later prediction"
            : $"'{type?.Name}.{member.Name}' is not allowed in an expression; allowed are Math, Convert, string, DateTime and TimeSpan");
    }

    private ExpressionException Refuse(string message)
    {
        return new ExpressionException($"'{expression}': {message}", null);
    }
}
