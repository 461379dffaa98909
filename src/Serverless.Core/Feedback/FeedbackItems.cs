using System.Globalization;
using System.Text.Json;
using Serverless.Problems;

namespace Serverless.Feedback;

/// <summary>Reads what callers send as JSON: <c>{"items":[{...}]}</c>. An item that is wrong does not spoil the others.</summary>
public static class FeedbackItems
{
    public const int MaxId = 200, MaxKey = 500, MaxOpinion = 200, MaxComment = 4_000;

    private static readonly string[] Fields = ["predictionId", "key", "actual", "seen", "used", "opinion", "comment", "time", "model"];

    /// <param name="model">Of the whole body, for items that name none.</param>
    /// <param name="rejected">Gets what cannot be read.</param>
    /// <returns>One for each element; null where it was rejected.</returns>
    public static IReadOnlyList<FeedbackItem?> Read(JsonElement items, string? model, List<RejectedFeedback> rejected)
    {
        var read = new List<FeedbackItem?>(items.GetArrayLength());
        foreach (var element in items.EnumerateArray()) read.Add(One(element, read.Count, model, rejected));
        return read;
    }

    private static FeedbackItem? One(JsonElement element, int index, string? model, List<RejectedFeedback> rejected)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            rejected.Add(new RejectedFeedback(index, $"items[{index}]", "expected an object such as {\"predictionId\":\"...\",\"actual\":true}"));
            return null;
        }

        var item = new FeedbackItem { Model = model };
        string? field = null, reason = null;
        foreach (var property in element.EnumerateObject())
        {
            // Half of a pair of surrogates is JSON, but no text: it could be stored, and never be read again.
            var (next, wrong) = property.Value.ValueKind == JsonValueKind.String && !IsText(property.Value) ? (item, "is not valid text (UTF-8)") : Set(item, property.Name, property.Value);
            item = next;
            if (wrong is not null && reason is null) (field, reason) = (property.Name, wrong);
        }

        if (reason is null) return item;
        rejected.Add(new RejectedFeedback(index, $"items[{index}].{field}", reason, item.PredictionId, item.Key));
        return null;
    }

    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static (FeedbackItem Item, string? Wrong) Set(FeedbackItem item, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null && Fields.Contains(name)) return (item, null);
        switch (name)
        {
            case "predictionId": return Text(value, MaxId, out var id) is { } badId ? (item, badId) : (item with { PredictionId = id }, null);
            case "key": return Text(value, MaxKey, out var key, numbers: true) is { } badKey ? (item, badKey) : (item with { Key = key }, null);
            case "opinion": return Text(value, MaxOpinion, out var opinion, numbers: true) is { } badOpinion ? (item, badOpinion) : (item with { Opinion = opinion }, null);
            case "comment": return Text(value, MaxComment, out var comment) is { } badComment ? (item, badComment) : (item with { Comment = comment }, null);
            case "model": return Text(value, MaxId, out var model) is { } badModel ? (item, badModel) : (item with { Model = model }, null);
            case "seen": return Truth(value, out var seen) ? (item with { Seen = seen }, null) : (item, "expected true or false");
            case "used": return Truth(value, out var used) ? (item with { Used = used }, null) : (item, "expected true or false");
            case "time": return Moment(value, out var time) ? (item with { Time = time }, null) : (item, "expected a time as RFC 3339, such as 2001-06-30T18:05:00Z");
            case "actual":
                return value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number or JsonValueKind.String
                    ? (item with { Actual = value.Clone() }, null) : (item, "expected true or false, a number or a text");
            default: return (item, $"there is no such field.{Suggest.Hint(name, Fields)}");
        }
    }

    private static string? Text(JsonElement value, int most, out string? text, bool numbers = false)
    {
        text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number when numbers => value.GetRawText(),
            JsonValueKind.True or JsonValueKind.False when numbers => value.GetRawText(),
            _ => null,
        };
        return text is null ? "expected a text" : text.Length == 0 ? "it is empty" : text.Length > most ? string.Create(CultureInfo.InvariantCulture, $"at most {most} characters, not {text.Length}") : null;
    }

    private static bool Truth(JsonElement value, out bool truth)
    {
        truth = value.ValueKind == JsonValueKind.True;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    private static bool Moment(JsonElement value, out DateTimeOffset time)
    {
        time = default;
        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: >= 19 } text && (text.EndsWith('Z') || text.AsSpan(text.Length - 6).IndexOfAny('+', '-') == 0)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out time);
    }
}
