using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Serverless.Web.Mlflow;

/// <summary>Fields of a request, from its JSON or from the query, as MLflow's client sends them: whole numbers as numbers or texts, lists repeated in a query.</summary>
internal sealed class MlflowRequest : IDisposable
{
    private const int MostBytes = 32 << 20;

    private readonly JsonDocument? body;
    private readonly IQueryCollection query;

    private MlflowRequest(JsonDocument? body, IQueryCollection query, string by) => (this.body, this.query, By) = (body, query, by);

    /// <summary>Who calls, for the audit.</summary>
    public string By { get; }

    public static async Task<MlflowRequest> ReadAsync(HttpContext context, string by)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method)) return new MlflowRequest(null, request.Query, by);
        using var buffer = new MemoryStream();
        var chunk = new byte[16384];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, context.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (buffer.Length + read > MostBytes) throw MlflowException.Invalid($"A request may have at most {MostBytes >> 20} MiB.");
            buffer.Write(chunk, 0, read);
        }

        if (buffer.Length == 0) return new MlflowRequest(null, request.Query, by);
        try
        {
            var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length).ToArray());
            if (document.RootElement.ValueKind == JsonValueKind.Object) return new MlflowRequest(document, request.Query, by);
            document.Dispose();
            throw new MlflowException("BAD_REQUEST", "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw new MlflowException("BAD_REQUEST", $"The body is not JSON: {e.Message}");
        }
    }

    public string? Text(string name)
    {
        if (body is null) return query.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;
        return Element(name) is not { } value ? null : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => throw MlflowException.Invalid($"Invalid value for parameter '{name}': expected a text."),
        };
    }

    public string Required(string name) => Text(name) is { Length: > 0 } text ? text : throw MlflowException.Invalid($"Missing value for required parameter '{name}'.");

    public long? Whole(string name)
    {
        if (Text(name) is not { Length: > 0 } text) return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && real == Math.Truncate(real) && Math.Abs(real) < 9e18) return (long)real;
        throw MlflowException.Invalid($"Invalid value '{text}' for parameter '{name}': expected a whole number.");
    }

    public int Most(int usual, int limit)
    {
        var most = Whole("max_results") ?? usual;
        if (most == 0) return usual;
        return most > 0 && most <= limit ? (int)most : throw MlflowException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be at least 1 and at most {limit}.");
    }

    public bool Flag(string name) => body is null ? bool.TryParse(Text(name), out var flag) && flag : Element(name) is { ValueKind: JsonValueKind.True };

    public IReadOnlyList<string> Texts(string name)
    {
        if (body is null) return query.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : [];
        return [.. Items(name).Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : throw MlflowException.Invalid($"Invalid value for parameter '{name}': expected texts."))];
    }

    public IReadOnlyList<JsonElement> Items(string name) => Element(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw MlflowException.Invalid($"Invalid value for parameter '{name}': expected a list.");

    /// <summary>Tags or parameters.</summary>
    public IReadOnlyList<MlflowPair> Pairs(string name)
    {
        var found = new List<MlflowPair>();
        foreach (var item in Items(name))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("key", out var key) || key.ValueKind != JsonValueKind.String) throw MlflowException.Invalid($"Missing value for required parameter '{name}[{found.Count}].key'.");
            found.Add(new MlflowPair(key.GetString()!, item.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : ""));
        }

        return found;
    }

    public JsonElement? Element(string name) => body is not null && body.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A metric of a request or of one of its items. NaN and infinities come as texts.</summary>
    public static MlflowMetric Metric(JsonElement from, Func<long> now)
    {
        if (!from.TryGetProperty("key", out var key) || key.ValueKind != JsonValueKind.String || key.GetString()!.Length == 0) throw MlflowException.Invalid("Missing value for required parameter 'key'.");
        if (!from.TryGetProperty("value", out var value)) throw MlflowException.Invalid("Missing value for required parameter 'value'.");
        try
        {
            var number = value.Deserialize<double>(MlflowJson.Options);
            return new MlflowMetric(key.GetString()!, number, Number(from, "timestamp") ?? now(), Number(from, "step") ?? 0);
        }
        catch (JsonException)
        {
            throw MlflowException.Invalid($"Got invalid value {value.GetRawText()} for metric '{key.GetString()}'. Please specify value as a valid double (64-bit floating point).");
        }
    }

    public JsonElement Root => body?.RootElement ?? throw new MlflowException("BAD_REQUEST", "The body must be a JSON object.");

    public void Dispose() => body?.Dispose();

    private static long? Number(JsonElement from, string name) =>
        !from.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null : value.Deserialize<long>(MlflowJson.Options);
}
