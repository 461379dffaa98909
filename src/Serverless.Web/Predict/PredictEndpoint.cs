using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Arrival;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary>
/// The way of every prediction that HTTP asks for, whatever the protocol: choose the version, read the rows, validate, score, record, answer. Between the body's arrival and the answer everything
/// happens on one thread without waiting, so the buffers are the thread's own.
/// </summary>
internal sealed class PredictEndpoint(
    IModelHost models, ServedVersions versions, IPredictionLog log, PredictionIds ids, RequestLimits limits, DataNotes notes, TimeProvider time, ExplainedAnswer explained)
{
    private const int KeptText = 4 * 1024 * 1024;

    [ThreadStatic]
    private static PredictScratch? scratch;

    public RequestDelegate With(IPredictProtocol protocol) => context => InvokeAsync(context, protocol);

    public async Task InvokeAsync(HttpContext context, IPredictProtocol protocol)
    {
        var served = await ChooseAsync(context, protocol.Model(context)).ConfigureAwait(false);
        using var body = await RequestBody.ReadAsync(context, limits.MaxBytes).ConfigureAwait(false);
        if (Answer(context, protocol, served, body.Bytes) is { } rest) await rest.ConfigureAwait(false);
    }

    /// <summary>Which version answers: the one that the address names, or the model's own. The only place that decides.</summary>
    /// <exception cref="NotFoundException">There is no such model or version.</exception>
    public async ValueTask<ServedModel> ChooseAsync(HttpContext context, string model)
    {
        try
        {
            if (context.Request.RouteValues["version"] is not string text) return await models.GetAsync(model, context.RequestAborted).ConfigureAwait(false);
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)) throw new NotFoundException($"model '{model}' has no version '{text}': versions are whole numbers.");
            return await versions.GetAsync(model, version, context.RequestAborted).ConfigureAwait(false);
        }
        catch (RequestException e) when (e is not RefusedException)
        {
            throw new NotFoundException(e.Message);
        }
    }

    /// <summary>Null when answered; otherwise what is still to be waited for: a refusal, or explanations.</summary>
    private Task? Answer(HttpContext context, IPredictProtocol protocol, ServedModel served, ReadOnlyMemory<byte> bytes)
    {
        var mine = scratch ??= new PredictScratch();
        var answer = mine.Answer;
        var request = answer.Request;
        var body = protocol.Rows(context, bytes, served, mine);
        var (errors, tooMany, origin) = protocol.Rewrites ? (mine.Rows.Errors, mine.Rows.TooManyRows, mine.Rows.Origin) : (null, false, "rows");
        if (errors is null && !tooMany)
        {
            RequestReader.Read(body, served, request, limits);
            (errors, tooMany) = (request.Errors, request.TooManyRows);
        }

        if (tooMany)
        {
            return protocol.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Too many rows",
                $"A request may bring at most {limits.MaxRows} rows. Send several requests, or score a file (`serverless-ml predict {served.Name} --input FILE`).");
        }

        if (errors is not null)
        {
            return protocol.WriteAsync(context, StatusCodes.Status400BadRequest, "The request cannot be scored",
                errors.Count == 1 ? "1 field is wrong; nothing was predicted." : $"{errors.Count} errors; nothing was predicted.", errors, origin);
        }

        var note = notes.Of(served.Name);
        if (note?.Refusal is { } refusal)
        {
            return protocol.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Data are missing", $"Nothing is predicted from old data: {refusal}.");
        }

        if (request.Explain) return explained.WriteAsync(context, served, bytes, note);
        var now = time.GetUtcNow().UtcDateTime;
        (answer.Served, answer.Note) = (served, note);
        answer.Ids.Clear();
        for (var row = 0; row < request.Count; row++) answer.Ids.Add(ids.Next(now));
        mine.Text.ResetWrittenCount();
        mine.Json.Reset(mine.Text);
        protocol.Write(mine.Json, answer, mine);
        mine.Json.Flush();
        Record(protocol.Kind, answer, body, now);
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = mine.Text.WrittenCount;
        response.BodyWriter.Write(mine.Text.WrittenSpan);
        // A version that was replaced meanwhile is not kept alive by a thread that answered with it.
        answer.Served = null!;
        if (mine.Text.Capacity > KeptText) scratch = null;
        return null;
    }

    private void Record(Protocol protocol, PredictAnswer answer, ReadOnlySpan<byte> body, DateTime now)
    {
        var (served, request) = (answer.Served, answer.Request);
        for (var row = 0; row < request.Count; row++)
        {
            var outputs = request.Outputs(row);
            log.Append(new PredictionRecord(answer.Ids[row], now, served.Name, served.Version, served.Role, request.Subject, request.Sent(row, body), outputs, served.Answers.Text(outputs),
                answer.Note?.Text, protocol, request.Key(row)));
        }
    }
}
