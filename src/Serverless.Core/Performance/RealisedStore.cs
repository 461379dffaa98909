using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Performance;

/// <summary>Figures of joined feedback: <c>feedback/&lt;model&gt;/_measured/</c>, a day each, what they were made from, and the summary. Derived: made again when what they come from changes.</summary>
internal sealed class RealisedStore(IObjectStore objects)
{
    private const int KnownSchema = 1;

    public Task<RealisedDay?> DayAsync(string model, DateOnly day, CancellationToken cancel) => ReadAsync<RealisedDay>(DayKey(model, day), d => d.SchemaVersion, cancel);

    public Task PutAsync(RealisedDay day, CancellationToken cancel) => WriteAsync(DayKey(day.Model, day.Day), day, cancel);

    public Task<RealisedSummary?> SummaryAsync(string model, CancellationToken cancel) => ReadAsync<RealisedSummary>(SummaryKey(model), s => s.SchemaVersion, cancel);

    public Task PutAsync(RealisedSummary summary, CancellationToken cancel) => WriteAsync(SummaryKey(summary.Model), summary, cancel);

    /// <summary>By day, what the figures were made from.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SourcesAsync(string model, CancellationToken cancel) =>
        (await ReadAsync<MeasuredSources>(SourcesKey(model), s => s.SchemaVersion, cancel))?.Days ?? new Dictionary<string, string>();

    public Task PutSourcesAsync(string model, IReadOnlyDictionary<string, string> days, CancellationToken cancel) => WriteAsync(SourcesKey(model), new MeasuredSources { Days = days }, cancel);

    internal async Task<T?> ReadAsync<T>(string key, Func<T, int> schema, CancellationToken cancel) where T : class
    {
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return null;
        var value = (await JsonSerializer.DeserializeAsync<T>(stream, ServerlessJson.Options, cancel))!;
        return schema(value) <= KnownSchema ? value
            : throw new EnvironmentException($"'{key}' was written by a newer version (schemaVersion {schema(value)}; this one reads up to {KnownSchema}). Update this installation.");
    }

    internal Task WriteAsync<T>(string key, T value, CancellationToken cancel) => objects.PutAsync(key, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, ServerlessJson.Options)), cancel);

    internal static string Folder(string model) => $"{StoreNames.Containers.Feedback}/{model}/_measured/";

    private static string DayKey(string model, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{Folder(model)}date={day:yyyy-MM-dd}.json");

    private static string SummaryKey(string model) => Folder(model) + "summary.json";

    private static string SourcesKey(string model) => Folder(model) + "sources.json";

    private sealed record MeasuredSources
    {
        public int SchemaVersion { get; init; } = 1;

        public required IReadOnlyDictionary<string, string> Days { get; init; }
    }
}
