using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Serverless.Problems;

namespace Serverless.Web.Answers;

/// <summary>A small JSON body.</summary>
internal static class JsonBody
{
    private const int MaxBody = 64 * 1024;

    /// <summary>Null when the body is empty. Throws <see cref="FieldException"/> that names the place where it is not as <paramref name="expected"/>.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, string expected) where T : class
    {
        using var body = await Predict.RequestBody.ReadAsync(context, MaxBody).ConfigureAwait(false);
        if (body.Bytes.IsEmpty) return null;
        try
        {
            RequireKnown(body.Bytes, type, expected);
            return JsonSerializer.Deserialize(body.Bytes.Span, type);
        }
        catch (JsonException e)
        {
            var at = e.Path is null or "$" ? "The body" : e.Path.TrimStart('$', '.');
            throw new FieldException($"{at}: not known here, or not of the type expected. Expected {expected}.");
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, or half of a pair of surrogates.
            throw new FieldException($"The body holds what is no text (UTF-8). Expected {expected}. Nothing was done.");
        }
    }

    // A misspelt field that were passed over would do something else than was asked ("expct": 2).
    private static void RequireKnown<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, string expected)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object) return;
        var known = type.Properties.Select(p => p.Name).ToArray();
        var wrong = document.RootElement.EnumerateObject().Select(p => p.Name).Where(n => !known.Contains(n, StringComparer.OrdinalIgnoreCase)).ToArray();
        if (wrong.Length > 0) throw new FieldException(string.Join(' ', wrong.Select(n => $"{n}: not known here.{Suggest.Hint(n, known)}")) + $" Expected {expected}. Nothing was done.");
    }
}
