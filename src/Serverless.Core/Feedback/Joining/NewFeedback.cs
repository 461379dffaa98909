using System.Globalization;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>What arrived since the last join.</summary>
internal static class NewFeedback
{
    // Files are named by the arrival's clock: one that is a week behind is beyond help.
    private const int DaysLookedAt = 7;

    /// <summary>Whether anything arrived that was not read.</summary>
    public static async Task<bool> AnyAsync(IObjectStore objects, string stream, JoinState state, CancellationToken cancel)
    {
        if (state.Fresh.Count > 0) return true;
        await foreach (var found in objects.ListAsync(FeedbackStreams.Prefix(stream), Before(stream, state.Since), cancel))
        {
            if (!state.Files.ContainsKey(found.Key) || found.Modified > state.JoinedAt) return true;
        }

        return false;
    }

    /// <summary>The events, and the state once they are dealt with.</summary>
    public static async Task<(List<FeedbackEvent> Events, JoinState State)> ReadAsync(IObjectStore objects, string stream, JoinState state, DateTimeOffset now, CancellationToken cancel)
    {
        var events = new List<FeedbackEvent>();
        var since = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-DaysLookedAt);
        if (since < state.Since) since = state.Since;
        var files = new SortedDictionary<string, int>(StringComparer.Ordinal);
        await foreach (var found in objects.ListAsync(FeedbackStreams.Prefix(stream), Before(stream, state.Since), cancel))
        {
            if (!found.Key.EndsWith(FeedbackStreams.Extension, StringComparison.Ordinal)) continue;
            var known = state.Files.GetValueOrDefault(found.Key);
            var some = await FeedbackStreams.ReadAsync(objects, found.Key, known, cancel);
            events.AddRange(some);
            if (string.CompareOrdinal(found.Key, Before(stream, since)) > 0) files[found.Key] = known + some.Count;
        }

        return (events, state with { Since = since, Files = files, Events = state.Events + events.Count });
    }

    private static string Before(string stream, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{FeedbackStreams.Prefix(stream)}{day:yyyy-MM-dd}");
}
