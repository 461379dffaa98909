using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Serverless.Testing;

namespace Serverless.Functions.Tests.Inventory;

/// <summary>The functions as their sources declare them: the packages that would compile them are not on every machine.</summary>
internal static class FunctionSources
{
    public static IReadOnlyList<string> Files { get; } = [.. Directory.GetFiles(Repository.PathOf("functions"), "*.cs").Order(StringComparer.Ordinal)];

    public static IReadOnlyList<DeclaredFunction> All { get; } =
    [
        .. Files
            .SelectMany(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), path: f).GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>())
            .Where(m => Attribute(m.AttributeLists, "Function") is not null)
            .Select(m => new DeclaredFunction(m))
            .OrderBy(f => f.Name, StringComparer.Ordinal),
    ];

    public static AttributeSyntax? Attribute(IEnumerable<AttributeListSyntax> lists, params string[] names) =>
        lists.SelectMany(l => l.Attributes).SingleOrDefault(a => names.Contains(a.Name.ToString()));
}

/// <summary>One method with <c>[Function]</c>.</summary>
internal sealed class DeclaredFunction
{
    public DeclaredFunction(MethodDeclarationSyntax method)
    {
        Method = method;
        Name = Text(FunctionSources.Attribute(method.AttributeLists, "Function")!.ArgumentList!.Arguments[0].Expression);
        Parameter = method.ParameterList.Parameters.Single(p => Trigger(p) is not null);
        Attribute = Trigger(Parameter)!;
        Kind = Attribute.Name.ToString();
    }

    public MethodDeclarationSyntax Method { get; }

    public string Name { get; }

    /// <summary>BlobTrigger, QueueTrigger, TimerTrigger or HttpTrigger.</summary>
    public string Kind { get; }

    /// <summary>The parameter that the trigger is bound to.</summary>
    public ParameterSyntax Parameter { get; }

    private AttributeSyntax Attribute { get; }

    private IEnumerable<AttributeArgumentSyntax> Arguments => Attribute.ArgumentList!.Arguments;

    /// <summary>Path of the blobs, name of the queue, schedule of the timer.</summary>
    public string First => Text(Arguments.First().Expression);

    public string? Route => Named("Route");

    public string? Connection => Named("Connection");

    public string? Source => Named("Source");

    /// <summary>Of an HTTP trigger: Function or Anonymous.</summary>
    public string Level => Text(Arguments.First().Expression);

    /// <summary>Of an HTTP trigger, in upper case; empty for any.</summary>
    public IReadOnlyList<string> Verbs => [.. Arguments.Skip(1).Where(a => a.NameEquals is null).Select(a => Text(a.Expression).ToUpperInvariant())];

    /// <summary>The second column of the table in docs/functions.md.</summary>
    public string DocumentedTrigger => Kind switch
    {
        "BlobTrigger" => Source == "EventGrid" ? "blob, by Event Grid" : $"blob, by {Source}",
        "QueueTrigger" => "queue",
        "TimerTrigger" => "timer",
        _ => Level == "Anonymous" ? "HTTP, open" : $"HTTP, {Level.ToLowerInvariant()} key",
    };

    /// <summary>The third column.</summary>
    public string DocumentedBinding => Kind switch
    {
        "TimerTrigger" => $"`{First}`",
        "HttpTrigger" => Verbs.Count == 0 ? $"any method, `{Route}`" : $"{string.Join(", ", Verbs)} `{Route}`",
        _ => $"`{First}`, connection `{Connection}`",
    };

    private string? Named(string name) => Arguments.SingleOrDefault(a => a.NameEquals?.Name.ToString() == name) is { } argument ? Text(argument.Expression) : null;

    private static AttributeSyntax? Trigger(ParameterSyntax parameter) =>
        FunctionSources.Attribute(parameter.AttributeLists, "BlobTrigger", "QueueTrigger", "TimerTrigger", "HttpTrigger");

    private static string Text(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax literal => literal.Token.ValueText,
        MemberAccessExpressionSyntax member => member.Name.ToString(),
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } } nameOf => nameOf.ArgumentList.Arguments[0].ToString(),
        _ => throw new NotSupportedException($"{expression} in {expression.SyntaxTree.FilePath}: write a literal, so that the trigger can be read from the source"),
    };
}
