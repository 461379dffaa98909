using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Datasets;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict.OpenInference;

/// <summary>Health and metadata of the Open Inference Protocol v2.</summary>
internal sealed class OpenInferenceEndpoints(IModelHost models, PredictEndpoint predict, IModelRegistry registry)
{
    private static readonly string ServerVersion =
        typeof(OpenInferenceEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static Task LiveAsync(HttpContext context) => WriteAsync(context, json => json.WriteBoolean("live", true));

    public Task ReadyAsync(HttpContext context)
    {
        var ready = models.Status().All(s => s.Ready);
        return WriteAsync(context, json => json.WriteBoolean("ready", ready), ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    public static Task ServerAsync(HttpContext context) => WriteAsync(context, json =>
    {
        json.WriteString("name", "serverless");
        json.WriteString("version", ServerVersion);
        json.WriteStartArray("extensions");
        json.WriteEndArray();
    });

    public async Task ModelReadyAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["model"]!;
        var ready = true;
        try
        {
            await predict.ChooseAsync(context, name).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NoChampionException or Problems.DataException or Problems.RefusedException)
        {
            ready = false;
        }

        await WriteAsync(context, json =>
        {
            json.WriteString("name", name);
            json.WriteBoolean("ready", ready);
        }, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable).ConfigureAwait(false);
    }

    public async Task ModelAsync(HttpContext context)
    {
        var served = await predict.ChooseAsync(context, (string)context.Request.RouteValues["model"]!).ConfigureAwait(false);
        var versions = (await registry.ListAsync(served.Name, context.RequestAborted).ConfigureAwait(false)).Versions;
        await WriteAsync(context, json => Model(json, served, [.. versions.Where(v => v.Status == VersionStatus.Registered).Select(v => v.Version)])).ConfigureAwait(false);
    }

    private static void Model(Utf8JsonWriter json, ServedModel served, IReadOnlyList<int> versions)
    {
        json.WriteString("name", served.Name);
        json.WriteStartArray("versions");
        foreach (var version in versions) json.WriteStringValue(version.ToString(CultureInfo.InvariantCulture));
        json.WriteEndArray();
        json.WriteString("platform", served.Pipeline is ScoringPipeline known ? $"serverless_{known.Document.Predictor}" : "serverless");
        json.WriteStartArray("inputs");
        foreach (var column in served.Schema.Inputs) Input(json, column);
        json.WriteEndArray();
        json.WriteStartArray("outputs");
        foreach (var output in TensorOutputs.Of(served.Schema)) Tensor(json, output.Name, output.Datatype, output.Width, null);
        json.WriteEndArray();
    }

    // What the datatype cannot say stands in the parameters, where the protocol has room for it.
    private static void Input(Utf8JsonWriter json, RawColumn column) => Tensor(json, column.Name, TensorDatatype.Of(column.Type), 1, () =>
    {
        json.WriteBoolean("required", column.Required);
        if (column.Type == ColumnType.Timestamp) json.WriteString("format", "date-time");
        if (column.Unit is { } unit) json.WriteString("unit", unit);
    });

    private static void Tensor(Utf8JsonWriter json, string name, string datatype, int width, Action? parameters)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("datatype", datatype);
        json.WriteStartArray("shape");
        json.WriteNumberValue(-1);
        json.WriteNumberValue(width);
        json.WriteEndArray();
        if (parameters is not null)
        {
            json.WriteStartObject("parameters");
            parameters();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> fields, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.CacheControl = "no-store";
        return SmallJson.WriteAsync(context, status, fields);
    }
}
