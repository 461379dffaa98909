using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Feedback;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary>What came true of predictions, and what people made of them.</summary>
internal sealed class FeedbackEndpoint(IFeedback feedback, FeedbackOptions options, RequestLimits limits)
{
    private const string Expected = "{\"items\":[{\"predictionId\":\"...\",\"actual\":true}]}";

    public async Task TakeAsync(HttpContext context)
    {
        using var body = await RequestBody.ReadAsync(context, limits.MaxBytes).ConfigureAwait(false);
        var rejected = new List<RejectedFeedback>();
        var items = Read(body.Bytes, rejected);
        var receipt = await feedback.AcceptAsync(items, Access.AccessGate.Caller(context), rejected, context.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(context, receipt, Json.Shared.FeedbackReceipt).ConfigureAwait(false);
    }

    private IReadOnlyList<FeedbackItem?> Read(ReadOnlyMemory<byte> bytes, List<RejectedFeedback> rejected)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FieldException($"The body: expected {Expected}.");
            foreach (var property in root.EnumerateObject().Where(p => p.Name is not ("items" or "model"))) throw new FieldException($"{property.Name}: there is no such field. Expected {Expected}.");
            if (!root.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array) throw new FieldException($"items: expected a list. Expected {Expected}.");
            if (items.GetArrayLength() > options.MaxItems) throw new FieldException($"items: at most {options.MaxItems} in one request, not {items.GetArrayLength()}. Send several, or a file (`serverless-ml feedback MODEL FILE`).");
            var model = root.TryGetProperty("model", out var named) && named.ValueKind != JsonValueKind.Null
                ? named.ValueKind == JsonValueKind.String ? named.GetString() : throw new FieldException("model: expected the name of a model.") : null;
            return FeedbackItems.Read(items, model, rejected);
        }
        catch (JsonException e)
        {
            throw new FieldException($"The body: it is no JSON ({e.Message}). Expected {Expected}.");
        }
        catch (InvalidOperationException)
        {
            throw new FieldException($"The body: it holds what is no text (UTF-8). Expected {Expected}.");
        }
    }
}
