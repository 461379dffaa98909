using System.Reflection;
using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Features;

/// <summary>Turns what the expression parser says into what a person can mend: the offending words, where they stand, and what would be right.</summary>
internal static partial class ParseMessages
{
    public static ExpressionException Explain(string expression, string message, int position, RawSchema schema, FunctionSet functions)
    {
        position = Math.Clamp(position, 0, Math.Max(0, expression.Length - 1));
        var where = $"(column {position + 1})";
        if (UnknownMember().Match(message) is { Success: true } member)
        {
            var (chain, type) = (Chain(expression, position, member.Groups[1].Value), member.Groups[2].Value);
            return new ExpressionException($"'{chain}' is not a member of {Word(type)} {where}.{Members(type, member.Groups[1].Value)}", position);
        }

        if (UnknownMethod().Match(message) is { Success: true } method)
        {
            var name = method.Groups[1].Value;
            return new ExpressionException(
                $"'{Chain(expression, position, name)}' is not a function of {Word(method.Groups[2].Value)} that takes these arguments {where}.{Functions(method.Groups[2].Value, name)}", position);
        }

        if (UnknownName().Match(message) is { Success: true } identifier)
        {
            var name = identifier.Groups[1].Value;
            return new ExpressionException($"'{name}' is not a column of the dataset {where}.{Unknown(name, schema, functions)}", position);
        }

        if (message.StartsWith("Argument list incompatible", StringComparison.Ordinal) && functions.CalledBefore(expression, position) is { } signature)
        {
            return new ExpressionException($"'{expression}': these are not the arguments that the function takes {where}; it is {signature}", position);
        }

        return new ExpressionException($"'{expression}' does not compile: {message.TrimEnd('.')} {where}", position);
    }

    private static string Unknown(string name, RawSchema schema, FunctionSet functions) =>
        Suggest.Closest(name, functions.Names) is { } close ? $" Did you mean '{close}'?" : Suggest.Hint(name, schema.Columns.Select(c => c.Name));

    private static string Chain(string expression, int position, string name)
    {
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(expression[start - 1]) || expression[start - 1] is '.' or '_')) start--;
        return expression[start..Math.Min(expression.Length, position + name.Length)];
    }

    private static string Word(string type) => type switch
    {
        "DateTime" => "timestamp",
        "String" => "text",
        "Int64" or "Int32" => "integer",
        "Double" => "number",
        "Boolean" => "boolean",
        "TimeSpan" => "time span",
        _ => type,
    };

    private static string Members(string type, string name)
    {
        string[] known = type switch
        {
            "DateTime" => ["Hour", "Day", "DayOfWeek", "DayOfYear", "Month", "Year", "Minute", "Second", "Date", "TimeOfDay"],
            "TimeSpan" => ["TotalDays", "TotalHours", "TotalMinutes", "TotalSeconds", "Days", "Hours", "Minutes", "Seconds"],
            "String" => ["Length", "ToUpper()", "ToLower()", "Trim()", "Substring(start, length)", "Contains(text)", "StartsWith(text)", "EndsWith(text)"],
            _ => [],
        };
        if (known.Length == 0) return type is "Int64" or "Double" or "Boolean" ? $" A{(type == "Int64" ? "n" : "")} {Word(type)} has no members." : "";
        return (Suggest.Closest(name, known) is { } close ? $" Did you mean '{close}'?" : "") + $" Members: {string.Join(", ", known)}.";
    }

    private static string Functions(string type, string name)
    {
        var owner = type switch { "Math" => typeof(Math), "Convert" => typeof(Convert), _ => null };
        return owner is null ? "" : Suggest.Hint(name, owner.GetMethods(BindingFlags.Public | BindingFlags.Static).Select(m => m.Name).Distinct());
    }

    [GeneratedRegex("^No property or field '(.+?)' exists in type '(.+?)'")]
    private static partial Regex UnknownMember();

    [GeneratedRegex("^No applicable method '(.+?)' exists in type '(.+?)'")]
    private static partial Regex UnknownMethod();

    [GeneratedRegex("^Unknown identifier '(.+?)'")]
    private static partial Regex UnknownName();
}
