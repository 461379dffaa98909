using System.Text.Json;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// How much longer than what is read a text can become. The engine's memory limit does not count the texts of rows that are being worked on, so a few nested calls of
/// <c>replace</c> could take all memory of the process: they are refused before anything is run.
/// </summary>
internal static class SqlGrowth
{
    private const double Most = 32;

    /// <param name="statement">As the engine's parser gives it.</param>
    /// <returns>Why it grows too much; null when it does not.</returns>
    public static string? Problem(JsonElement statement)
    {
        var (growth, problem) = (1.0, (string?)null);
        Roots(statement, recursive: false);
        return problem ?? (growth > Most ? $"texts could become {growth:0} times as long as they are; {Most:0} is the most." : null);

        // What one expression makes longer, another may read: the factors multiply.
        void Roots(JsonElement node, bool recursive)
        {
            if (node.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in node.EnumerateArray()) Roots(item, recursive);
            }
            else if (node.ValueKind == JsonValueKind.Object)
            {
                recursive |= Text(node, "type") == "RECURSIVE_CTE_NODE";
                if (Text(node, "class") is not null)
                {
                    var own = Of(node, ref problem);
                    if (recursive && own > 1) problem ??= "a recursive query may not put texts together: nothing says how long they become.";
                    growth *= own;
                }

                foreach (var property in node.EnumerateObject())
                {
                    // Parts of an expression are counted with it; a query inside of one is a statement again.
                    if (Text(node, "class") is null || property.Name == "subquery") Roots(property.Value, recursive);
                    else foreach (var query in Queries(property.Value)) Roots(query, recursive);
                }
            }
        }
    }

    private static double Of(JsonElement node, ref string? problem)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            var most = 1.0;
            foreach (var item in node.EnumerateArray()) most = Math.Max(most, Of(item, ref problem));
            return most;
        }

        if (node.ValueKind != JsonValueKind.Object || Text(node, "class") is "CONSTANT" or "SUBQUERY") return 1;
        var children = node.TryGetProperty("children", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToArray() : [];
        switch (Text(node, "function_name")?.ToLowerInvariant())
        {
            case "replace" or "regexp_replace" when children.Length >= 3:
                var regexp = Text(node, "function_name")!.StartsWith("reg", StringComparison.OrdinalIgnoreCase);
                if (Length(children[2]) is not { } to)
                {
                    problem ??= "what replaces something has to be a text in quotes.";
                    return 1;
                }

                return Of(children[0], ref problem) * (regexp ? 1 + to : Math.Max(1, (double)to / Math.Max(1, Length(children[1]) ?? 1)));
            case "concat" or "concat_ws" or "||" or "list_value" or "struct_pack" or "row":
                var sum = 0.0;
                foreach (var child in children) sum += Text(child, "class") == "CONSTANT" ? 0 : Of(child, ref problem);
                return Math.Max(1, sum);
            default:
                var greatest = 1.0;
                foreach (var property in node.EnumerateObject()) greatest = Math.Max(greatest, Of(property.Value, ref problem));
                return greatest;
        }
    }

    private static IEnumerable<JsonElement> Queries(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Array => node.EnumerateArray().SelectMany(Queries),
        JsonValueKind.Object when Text(node, "class") == "SUBQUERY" => [node],
        JsonValueKind.Object => node.EnumerateObject().SelectMany(p => Queries(p.Value)),
        _ => [],
    };

    /// <summary>Characters of a constant; null for everything else. The parser's tree leaves out what is empty.</summary>
    private static int? Length(JsonElement node) => Text(node, "class") != "CONSTANT" ? null
        : node.TryGetProperty("value", out var value) && value.TryGetProperty("value", out var text) ? text.ToString().Length : 0;

    private static string? Text(JsonElement node, string name) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
