using System.Linq.Expressions;

namespace Serverless.Features;

/// <summary>The functions that an expression may call, one version of each name.</summary>
internal sealed class FunctionSet
{
    private readonly Dictionary<string, IFeatureFunction> byName;
    private readonly Dictionary<Delegate, FunctionVersion> byDelegate = new(ReferenceEqualityComparer.Instance);

    public FunctionSet(IEnumerable<IFeatureFunction> functions)
    {
        byName = functions.ToDictionary(f => f.Name, StringComparer.Ordinal);
        foreach (var (name, function) in byName)
        {
            var called = function.Function;
            byDelegate[called] = new FunctionVersion(name, function.Version);
            ParameterExpression[] parameters = [.. Parameters(called)];
            Symbols[name] = Expression.Lambda(Expression.Invoke(Expression.Constant(called), parameters), parameters);
        }
    }

    public IEnumerable<string> Names => byName.Keys;

    /// <summary>Lambdas by name, as the parser wants them.</summary>
    public Dictionary<string, object?> Symbols { get; } = new(StringComparer.Ordinal);

    /// <summary>The last function that is called at or before a position, as <c>miles(number distance, integer minutes) -> number</c>; null when there is none.</summary>
    public string? CalledBefore(string expression, int position) => byName.Keys
        .Select(n => (Name: n, At: expression.LastIndexOf(n + "(", Math.Min(expression.Length - 1, position + n.Length), StringComparison.Ordinal)))
        .Where(n => n.At >= 0).OrderBy(n => n.At).Select(n => Signature(n.Name)).LastOrDefault();

    private string Signature(string name)
    {
        var lambda = (LambdaExpression)Symbols[name]!;
        return $"{name}({string.Join(", ", lambda.Parameters.Select(p => $"{FeatureFunctions.Word(p.Type)} {p.Name}"))}) -> {FeatureFunctions.Word(lambda.ReturnType)}";
    }

    /// <summary>The functions that an expression calls.</summary>
    public IReadOnlyList<FunctionVersion> UsedBy(Expression expression)
    {
        if (byDelegate.Count == 0) return [];
        var visitor = new Calls(byDelegate);
        visitor.Visit(expression);
        return [.. visitor.Found];
    }

    // The types are the delegate's, the names those of the method behind it, where it has as many.
    private static IEnumerable<ParameterExpression> Parameters(Delegate called)
    {
        var (types, named) = (called.GetType().GetMethod("Invoke")!.GetParameters(), called.Method.GetParameters());
        return types.Select((p, i) => Expression.Parameter(p.ParameterType, named.Length == types.Length ? named[i].Name : p.Name));
    }

    private sealed class Calls(Dictionary<Delegate, FunctionVersion> known) : ExpressionVisitor
    {
        public HashSet<FunctionVersion> Found { get; } = [];

        protected override Expression VisitConstant(ConstantExpression node)
        {
            if (node.Value is Delegate called && known.TryGetValue(called, out var function)) Found.Add(function);
            return node;
        }
    }
}
