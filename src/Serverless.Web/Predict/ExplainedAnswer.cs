using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Arrival;
using Serverless.Datasets;
using Serverless.Explanations;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Switches;
using Problem = Serverless.Web.Answers.Problem;

namespace Serverless.Web.Predict;

/// <summary>
/// The answer to a request with <c>"explain": true</c>: predictions as always, each with its explanation. A road of its own, made when somebody first asks, so that requests that do not ask
/// pay nothing.
/// </summary>
internal sealed class ExplainedAnswer(IServiceProvider services, IPredictionLog log, PredictionIds ids, RequestLimits limits, TimeProvider time)
{
    /// <param name="body">Read and found good; it is read again, because nothing of its rows was kept.</param>
    public async Task WriteAsync(HttpContext context, IPredictProtocol protocol, ServedModel served, ReadOnlyMemory<byte> body, DataNote? note, Route route = default)
    {
        if (!services.GetRequiredService<ISwitches>().IsOn(SwitchedParts.Explanations, served.Name))
        {
            await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Explanations are switched off",
                $"The flag '{SwitchedParts.FlagOf(SwitchedParts.Explanations)}' is off. Nothing was predicted; leave 'explain' out to have a prediction.").ConfigureAwait(false);
            return;
        }

        var request = new PredictionRequest();
        RequestReader.Read(body.Span, served, request, limits);
        if (request.Count > limits.MaxExplained)
        {
            await Problem.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Too many rows to explain",
                $"A request with 'explain' may bring at most {limits.MaxExplained} rows. Send several requests, or explain a file (`serverless-ml explain {served.Name} --input FILE`).").ConfigureAwait(false);
            return;
        }

        var explanations = services.GetRequiredService<IExplanations>();
        if (request.Language is { } asked && !explanations.Languages.Contains(asked))
        {
            var errors = new FieldErrors(limits.MaxErrors);
            errors.Add("language", $"'{asked}' is not known. Languages: {string.Join(", ", explanations.Languages)}.");
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The request cannot be explained", "1 field is wrong; nothing was predicted.", errors).ConfigureAwait(false);
            return;
        }

        ArrayBufferWriter<byte> text;
        Task? stored;
        try
        {
            var explainers = new Dictionary<ServedModel, ModelExplainer>();
            for (var i = 0; i < request.Count; i++)
            {
                var by = request.By(i, served);
                if (!explainers.ContainsKey(by)) explainers[by] = await explanations.OfAsync(by.Pipeline, context.RequestAborted).ConfigureAwait(false);
            }

            (text, stored) = Answer(served, request, body.Span, note, route, explainers, new ExplanationOptions(Language: request.Language ?? Accepted(context, explanations.Languages)));
        }
        catch (DataException e)
        {
            await Problem.WriteAsync(context, StatusCodes.Status409Conflict, "This model cannot be explained", $"{e.Message} Nothing was predicted; leave 'explain' out to have a prediction.").ConfigureAwait(false);
            return;
        }

        if (stored is not null && !await DurableAnswer.StoredAsync(context, protocol, served.Name, stored).ConfigureAwait(false)) return;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = text.WrittenCount;
        context.Response.Headers.Vary = "Accept-Language";
        await context.Response.BodyWriter.WriteAsync(text.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    private (ArrayBufferWriter<byte> Text, Task? Stored) Answer(ServedModel served, PredictionRequest request, ReadOnlySpan<byte> body, DataNote? note, Route route, Dictionary<ServedModel, ModelExplainer> explainers, ExplanationOptions options)
    {
        var text = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        // Everything is explained before anything is recorded: an answer that fails leaves no prediction behind.
        var explained = new Explanation[request.Count];
        for (var i = 0; i < explained.Length; i++)
        {
            var by = request.By(i, served);
            var row = new RawRow(by.Schema.Inputs.Count);
            RequestReader.ReadRow(request.Sent(i, body), request.LookedUp(i), by, row);
            explained[i] = explainers[by].Explain(row, options);
        }

        Task? stored = null;
        var now = time.GetUtcNow().UtcDateTime;
        json.WriteStartObject();
        json.WriteString("model", served.EncodedName);
        if (note is not null)
        {
            json.WriteStartArray("notes");
            foreach (var line in note.Encoded) json.WriteStringValue(line);
            json.WriteEndArray();
        }

        json.WriteStartArray("predictions");
        for (var i = 0; i < request.Count; i++)
        {
            var outputs = request.Outputs(i);
            var id = i == 0 && route.Id is { } first ? first : ids.Next(now);
            json.WriteStartObject();
            json.WriteString("id", id);
            if (request.Key(i) is { } key) json.WriteString("key", key);
            var by = request.By(i, served);
            json.WriteNumber("version", by.Version);
            json.WriteString("role", by.EncodedRole);
            if (by.Segment is { } segment) json.WriteString("segment", segment);
            AnswerWriter.Write(json, by.Answers, outputs);
            OutlierWriter.Write(json, request.Outlier(i));
            FallbackWriter.Write(json, request.Fallbacks(i));
            json.WriteStartObject("explanation");
            ExplanationWriter.WriteFields(json, explained[i]);
            json.WriteEndObject();
            json.WriteEndObject();
            var recorded = log.Append(new PredictionRecord(id, now, by.Name, by.Version, by.Role, request.Subject, request.Sent(i, body), outputs, by.Answers.Text(outputs), note?.Text,
                key: request.Key(i), route: route.Note, lookedUp: request.LookedUp(i), segment: by.Segment, outlier: request.Outlier(i)));
            if (served.Durable) stored = DurableAnswer.Both(stored, recorded);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return (text, stored);
    }

    /// <summary>The known language that the caller likes best (RFC 9110, 12.5.4); English when there is none.</summary>
    private static string Accepted(HttpContext context, IReadOnlyList<string> known)
    {
        var best = context.Request.GetTypedHeaders().AcceptLanguage?.Where(l => (l.Quality ?? 1) > 0)
            .Select(l => (Code: l.Value.Value?.Split('-')[0].ToLowerInvariant() ?? "", Quality: l.Quality ?? 1))
            .Where(l => known.Contains(l.Code)).OrderByDescending(l => l.Quality).Select(l => l.Code).FirstOrDefault();
        return best ?? "en";
    }
}
