using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Arrival;
using Serverless.Problems;
using Serverless.Rollouts;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary>
/// The way of every prediction that HTTP asks for, whatever the protocol: choose the version, read the rows, validate, score, record, answer. Between the body's arrival and the answer everything
/// happens on one thread without waiting, so the buffers are the thread's own.
/// </summary>
internal sealed class PredictEndpoint(
    IModelHost models, ServedVersions versions, IPredictionLog log, PredictionIds ids, RequestLimits limits, DataNotes notes, TimeProvider time, ExplainedAnswer explained,
    RoutedPrediction routed)
{
    private const int KeptText = 4 * 1024 * 1024;

    [ThreadStatic]
    private static PredictScratch? scratch;

    public RequestDelegate With(IPredictProtocol protocol) => context => InvokeAsync(context, protocol);

    /// <summary>A loaded model and a body that is there, as nearly always, are answered without a state machine or a token for what might have to be waited for.</summary>
    public Task InvokeAsync(HttpContext context, IPredictProtocol protocol)
    {
        var chosen = ChooseAsync(context, protocol.Model(context));
        return chosen.IsCompletedSuccessfully && RequestBody.TryRead(context, limits.MaxBytes, out var body) ? Answer(context, protocol, chosen.Result, body) : WaitAsync(context, protocol, chosen);
    }

    private async Task WaitAsync(HttpContext context, IPredictProtocol protocol, ValueTask<ServedModel> chosen)
    {
        var served = await chosen.ConfigureAwait(false);
        await Answer(context, protocol, served, await RequestBody.ReadAsync(context, limits.MaxBytes).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private Task Answer(HttpContext context, IPredictProtocol protocol, ServedModel served, RequestBody body)
    {
        Task? rest = null;
        try
        {
            var plan = routed.PlanOf(context, served);
            rest = LookupFetch.Needs(served, plan) ? FetchedAsync(context, protocol, served, plan, body.Bytes)
                : plan is not null ? Route(context, protocol, served, plan, body.Bytes) : Answer(context, protocol, served, body.Bytes);
            return rest is null ? Task.CompletedTask : EndAsync(rest, body);
        }
        finally
        {
            if (rest is null) body.Dispose();
        }
    }

    private async Task FetchedAsync(HttpContext context, IPredictProtocol protocol, ServedModel served, ServingPlan? plan, ReadOnlyMemory<byte> bytes)
    {
        await LookupFetch.BeforeAsync(context, protocol, served, plan, bytes, limits).ConfigureAwait(false);
        if ((plan is not null ? Route(context, protocol, served, plan, bytes) : Answer(context, protocol, served, bytes)) is { } rest) await rest.ConfigureAwait(false);
    }

    private static async Task EndAsync(Task rest, RequestBody body)
    {
        using (body) await rest.ConfigureAwait(false);
    }

    /// <summary>Which version answers: the one that the address names, or the model's own. The only place that decides.</summary>
    /// <exception cref="NotFoundException">There is no such model or version.</exception>
    public ValueTask<ServedModel> ChooseAsync(HttpContext context, string model) =>
        models.Loaded(model) is { } served && NamedVersion(context) is null ? new(served) : LookAsync(context, model);

    private async ValueTask<ServedModel> LookAsync(HttpContext context, string model)
    {
        try
        {
            if (NamedVersion(context) is not { } text) return await models.GetAsync(model, context.RequestAborted).ConfigureAwait(false);
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)) throw new NotFoundException($"model '{model}' has no version '{text}': versions are whole numbers.");
            return await versions.GetAsync(model, version, context.RequestAborted).ConfigureAwait(false);
        }
        catch (RequestException e) when (e is not RefusedException)
        {
            throw new NotFoundException(e.Message);
        }
    }

    /// <summary>The version that the address names, in its path or as <c>?version=</c>; null = the model's own.</summary>
    public static string? NamedVersion(HttpContext context) => context.Request.RouteValues["version"] as string
        ?? (context.Request.QueryString.HasValue && context.Request.Query["version"] is [{ } asked, ..] ? asked : null);

    /// <summary>Null when answered; otherwise what is still to be waited for: a refusal, or explanations.</summary>
    private Task? Answer(HttpContext context, IPredictProtocol protocol, ServedModel served, ReadOnlyMemory<byte> bytes)
    {
        var mine = scratch ??= new PredictScratch();
        var body = protocol.Rows(context, bytes, served, mine);
        if (!Rewritten(protocol, mine)) return Respond(context, protocol, served, bytes, body, mine, default);
        RequestReader.Read(body, served, mine.Answer.Request, limits);
        return Respond(context, protocol, served, bytes, body, mine, default);
    }

    /// <summary>A rollout is under way: who answers is chosen first, and noted with the prediction.</summary>
    private Task? Route(HttpContext context, IPredictProtocol protocol, ServedModel champion, ServingPlan plan, ReadOnlyMemory<byte> bytes)
    {
        var mine = scratch ??= new PredictScratch();
        var body = protocol.Rows(context, bytes, champion, mine);
        if (!Rewritten(protocol, mine)) return Respond(context, protocol, champion, bytes, body, mine, default);
        var route = routed.Choose(plan, context.Request, body);
        if (route.Choice.Variant.Model is null) return Champion(context, protocol, champion, bytes, body, mine, route);
        // Not the thread's own until the variant has answered: other requests come by on this thread meanwhile.
        scratch = null;
        return VariantAsync(context, protocol, champion, bytes, mine, route, routed.Begin(route.Choice, body));
    }

    private async Task VariantAsync(HttpContext context, IPredictProtocol protocol, ServedModel champion, ReadOnlyMemory<byte> bytes, PredictScratch mine, Route route, VariantCall call)
    {
        var (request, choice) = await routed.EndAsync(call, context.RequestAborted).ConfigureAwait(false);
        route = route with { Choice = choice };
        var answer = mine.Answer;
        var own = answer.Request;
        if (request is not null) answer.Request = request;
        var rest = request is null ? Champion(context, protocol, champion, bytes, Body(protocol, bytes, mine), mine, route)
            : Respond(context, protocol, choice.Variant.Model!, bytes, Body(protocol, bytes, mine), mine, route);
        answer.Request = own;
        if (request is not null) routed.Return(request);
        if (mine.Text.Capacity <= KeptText) scratch ??= mine;
        if (rest is not null) await rest.ConfigureAwait(false);
    }

    /// <summary>The champion, for itself or in the place of a variant that did not answer.</summary>
    private Task? Champion(HttpContext context, IPredictProtocol protocol, ServedModel champion, ReadOnlyMemory<byte> bytes, ReadOnlySpan<byte> body, PredictScratch mine, in Route route)
    {
        var request = mine.Answer.Request;
        var began = time.GetTimestamp();
        RequestReader.Read(body, champion, request, limits);
        RoutedPrediction.Count(route.Choice, request, champion, time.GetElapsedTime(began));
        var rest = Respond(context, protocol, champion, bytes, body, mine, route);
        if (rest is null || mine.Answer.Stored is not null) routed.Shadow(route, champion, mine.Answer, body);
        return rest;
    }

    /// <summary>False when the request could not be written as rows: there is nothing to score.</summary>
    private static bool Rewritten(IPredictProtocol protocol, PredictScratch mine)
    {
        if (!protocol.Rewrites || (mine.Rows.Errors is null && !mine.Rows.TooManyRows)) return true;
        mine.Answer.Request.Forget();
        return false;
    }

    private static ReadOnlySpan<byte> Body(IPredictProtocol protocol, ReadOnlyMemory<byte> bytes, PredictScratch mine) => protocol.Rewrites ? mine.Rows.Written : bytes.Span;

    /// <summary>Writes the answer to a request that was read and scored, or its refusal.</summary>
    private Task? Respond(HttpContext context, IPredictProtocol protocol, ServedModel served, ReadOnlyMemory<byte> bytes, ReadOnlySpan<byte> body, PredictScratch mine, in Route route)
    {
        var answer = mine.Answer;
        var request = answer.Request;
        answer.Stored = null;
        var (errors, tooMany, origin) = protocol.Rewrites ? (mine.Rows.Errors ?? request.Errors, mine.Rows.TooManyRows || request.TooManyRows, mine.Rows.Origin) : (request.Errors, request.TooManyRows, "rows");
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

        if (request.Explain) return explained.WriteAsync(context, protocol, served, bytes, note, route);
        var now = time.GetUtcNow().UtcDateTime;
        (answer.Served, answer.Note) = (served, note);
        answer.Ids.Clear();
        for (var row = 0; row < request.Count; row++) answer.Ids.Add(row == 0 && route.Id is { } chosen ? chosen : ids.Next(now));
        mine.Text.ResetWrittenCount();
        mine.Json.Reset(mine.Text);
        protocol.Write(mine.Json, answer, mine);
        mine.Json.Flush();
        Record(protocol.Kind, answer, body, now, route.Note);
        if (answer.Stored is { } stored) return DurableAnswer.WriteAsync(context, protocol, served.Name, mine.Text.WrittenSpan, stored);
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = mine.Text.WrittenCount;
        response.BodyWriter.Write(mine.Text.WrittenSpan);
        // A version that was replaced meanwhile is not kept alive by a thread that answered with it.
        answer.Served = null!;
        if (mine.Text.Capacity > KeptText) scratch = null;
        return null;
    }

    private void Record(Protocol protocol, PredictAnswer answer, ReadOnlySpan<byte> body, DateTime now, in RouteNote route)
    {
        var (served, request) = (answer.Served, answer.Request);
        for (var row = 0; row < request.Count; row++)
        {
            var outputs = request.Outputs(row);
            var by = request.By(row, served);
            var stored = log.Append(new PredictionRecord(answer.Ids[row], now, by.Name, by.Version, by.Role, request.Subject, request.Sent(row, body), outputs, by.Answers.Text(outputs),
                answer.Note?.Text, protocol, request.Key(row), route, request.LookedUp(row), by.Segment, request.Outlier(row)));
            if (served.Durable) answer.Stored = DurableAnswer.Both(answer.Stored, stored);
        }
    }
}
