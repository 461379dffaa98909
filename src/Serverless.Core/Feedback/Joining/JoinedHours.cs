using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>
/// Predictions with their feedback, an object for each hour of predictions: <c>feedback/&lt;model&gt;/_joined/date=/hour=HH.jsonl</c>. Derived from the log and the events, so that it may be made
/// again; changed by compare-and-swap, so that two joins at once lose nothing.
/// </summary>
internal sealed class JoinedHours(IObjectStore objects)
{
    private const int KnownSchema = 1, Attempts = 8;

    public static string Folder(string model) => $"{StoreNames.Containers.Feedback}/{model}/_joined/";

    public static string Key(string model, DateTimeOffset hour) => string.Create(CultureInfo.InvariantCulture, $"{Folder(model)}date={hour.UtcDateTime:yyyy-MM-dd}/hour={hour.UtcDateTime:HH}{FeedbackStreams.Extension}");

    /// <summary>Changes what is known of an hour. May be repeated: the same events a second time change nothing.</summary>
    public async Task MergeAsync(string model, DateTimeOffset hour, Func<IReadOnlyDictionary<string, JoinedPrediction>, IReadOnlyList<JoinedPrediction>> change, CancellationToken cancel)
    {
        var key = Key(model, hour);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var head = await objects.HeadAsync(key, cancel);
            var before = head is null ? [] : (await ReadAsync(key, cancel)).ToDictionary(p => p.Id, StringComparer.Ordinal);
            var after = change(before);
            using var text = new MemoryStream();
            foreach (var one in after.OrderBy(p => p.Id, StringComparer.Ordinal))
            {
                JsonSerializer.Serialize(text, one, ServerlessJson.Options);
                text.WriteByte((byte)'\n');
            }

            text.Position = 0;
            if ((head is null ? await objects.PutIfAbsentAsync(key, text, cancel) : await objects.ReplaceAsync(key, text, head.ETag, cancel)) is not null) return;
        }

        throw new IOException($"'{key}' is changed by others all the time");
    }

    /// <summary>Predictions with feedback that were made from one time to another, hour by hour.</summary>
    public async IAsyncEnumerable<JoinedPrediction> ReadAsync(string model, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var found in objects.ListAsync(Folder(model) + "date=", after: string.Create(CultureInfo.InvariantCulture, $"{Folder(model)}date={from.UtcDateTime:yyyy-MM-dd}"), cancel: cancel))
        {
            if (string.CompareOrdinal(found.Key, Key(model, to)) > 0) yield break;
            foreach (var one in await ReadAsync(found.Key, cancel)) if (one.Time >= from && one.Time < to) yield return one;
        }
    }

    private async Task<List<JoinedPrediction>> ReadAsync(string key, CancellationToken cancel)
    {
        var all = new List<JoinedPrediction>();
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return all;
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.Length == 0) continue;
            var one = JsonSerializer.Deserialize<JoinedPrediction>(line, ServerlessJson.Options)!;
            if (one.SchemaVersion > KnownSchema) throw new EnvironmentException($"'{key}' was written by a newer version (schemaVersion {one.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
            all.Add(one);
        }

        return all;
    }
}
