using System.Globalization;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Feedback;

/// <summary>Judges items by what is known without reading a prediction, and stores the good ones.</summary>
internal sealed class FeedbackIntake(Workspace workspace, FeedbackLog log, TimeProvider time, IdSource ids, FeedbackOptions options) : IFeedback
{
    private readonly PredictionIds events = new(ids);

    public async Task<FeedbackReceipt> AcceptAsync(IReadOnlyList<FeedbackItem?> items, string by, IReadOnlyList<RejectedFeedback>? unread = null, CancellationToken cancel = default)
    {
        var rejected = new List<RejectedFeedback>(unread ?? []);
        var now = time.GetUtcNow();
        var streams = new Dictionary<string, List<FeedbackEvent>>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not { } item) continue;
            if (Judge(item, i, now, by, () => events.Next(now.UtcDateTime), out var stream, out var refused) is { } good)
            {
                if (!streams.TryGetValue(stream!, out var some)) streams[stream!] = some = [];
                some.Add(good);
            }
            else rejected.Add(refused!);
        }

        foreach (var (stream, some) in streams.OrderBy(s => s.Key, StringComparer.Ordinal)) await log.AppendAsync(stream, some, now, cancel);
        return new FeedbackReceipt(streams.Values.Sum(s => s.Count), [.. rejected.OrderBy(r => r.Index)]);
    }

    /// <summary>The event of an item, or why it cannot be one.</summary>
    internal FeedbackEvent? Judge(FeedbackItem item, int index, DateTimeOffset now, string by, Func<string> id, out string? stream, out RejectedFeedback? refused)
    {
        (stream, refused) = (null, null);
        var (field, wrong, model) = Wrong(item, now);
        var actual = item.Actual;
        if (wrong is null && model is not null && actual is { } said)
        {
            actual = Actuals.Canonical(workspace.Models[model].Task, said, out wrong);
            field = "actual";
        }

        if (wrong is not null)
        {
            refused = new RejectedFeedback(index, field.Length == 0 ? Place(index) : $"{Place(index)}.{field}", wrong, item.PredictionId, item.Key);
            return null;
        }

        stream = model ?? FeedbackStreams.Unassigned;
        return new FeedbackEvent
        {
            Id = id(), Received = now, Time = item.Time?.ToUniversalTime(), PredictionId = item.PredictionId, Key = item.Key, Actual = actual, Seen = item.Seen, Used = item.Used, Opinion = item.Opinion,
            Comment = item.Comment, By = by,
        };
    }

    private static string Place(int index) => string.Create(CultureInfo.InvariantCulture, $"items[{index}]");

    private (string Field, string? Wrong, string? Model) Wrong(FeedbackItem item, DateTimeOffset now)
    {
        var names = workspace.Models.Keys;
        if (item.PredictionId is null && item.Key is null) return ("predictionId", "either 'predictionId' or 'key' is needed, to know which prediction it is about", null);
        if (item is { Actual: null, Seen: null, Used: null, Opinion: null, Comment: null }) return ("actual", "nothing is said: give 'actual', 'seen', 'used', 'opinion' or 'comment'", null);
        if (item is { Used: true, Seen: false }) return ("used", "a prediction that was not seen cannot have been used", null);
        if (item.Time is { } at && at > now + options.ClockSkew)
        {
            return ("time", $"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} has not come yet: this server's clock says {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}. Set the sender's clock, or leave the time out", null);
        }

        if (item.Model is { } model) return names.Contains(model) ? ("", null, model) : ("model", $"there is no model '{model}'.{Suggest.Hint(model, names)}", null);
        var only = names.Take(2).ToArray();
        return only.Length == 1 ? ("", null, only[0])
            : item.PredictionId is not null ? ("", null, null)
            : ("model", $"keys may be of several models: name the model, one of {string.Join(", ", names.Order(StringComparer.Ordinal))}", null);
    }
}
