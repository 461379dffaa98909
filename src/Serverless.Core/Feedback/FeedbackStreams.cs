using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>Where feedback stands: <c>feedback/&lt;model&gt;/date=YYYY-MM-DD/hour=HH/*.jsonl</c>, by arrival, one JSON object in a line.</summary>
public static class FeedbackStreams
{
    /// <summary>The stream of what names a prediction but no model, where there are several; no model can have this name.</summary>
    public const string Unassigned = "_unassigned";

    internal const string Extension = ".jsonl";

    private const int KnownSchema = 1;

    internal static string Prefix(string stream) => $"{StoreNames.Containers.Feedback}/{stream}/date=";

    internal static string Folder(string stream, DateTimeOffset hour) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(stream)}{hour.UtcDateTime:yyyy-MM-dd}/hour={hour.UtcDateTime:HH}/");

    internal static byte[] Lines(IEnumerable<FeedbackEvent> events)
    {
        using var text = new MemoryStream();
        foreach (var one in events)
        {
            JsonSerializer.Serialize(text, one, ServerlessJson.Options);
            text.WriteByte((byte)'\n');
        }

        return text.ToArray();
    }

    /// <summary>The events of a file behind the first <paramref name="skip"/>.</summary>
    /// <exception cref="EnvironmentException">A newer version of the program wrote one.</exception>
    internal static async Task<IReadOnlyList<FeedbackEvent>> ReadAsync(IObjectStore objects, string key, int skip, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return [];
        using var reader = new StreamReader(stream);
        var events = new List<FeedbackEvent>();
        for (var line = 0; await reader.ReadLineAsync(cancel) is { } text; line++)
        {
            if (line < skip || text.Length == 0) continue;
            var one = Parse(text, key, line);
            if (one.SchemaVersion > KnownSchema) throw new EnvironmentException($"'{key}' was written by a newer version (schemaVersion {one.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
            events.Add(one);
        }

        return events;
    }

    private static FeedbackEvent Parse(string text, string key, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<FeedbackEvent>(text, ServerlessJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture, $"line {line + 1} of '{key}' is no feedback: {e.Message}"), e);
        }
    }
}
