using System.Globalization;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>
/// Finds a logged prediction by its id. The id tells the moment, the moment the hour, and of the hour's files only those can hold it that were written after it; the nearest are read first, and within
/// a file the statistics of the column tell where the id can be.
/// </summary>
internal sealed class PredictionFinder(Workspace workspace, IModelRegistry registry, IObjectStore objects, ILoggedPredictions logged)
{
    private const int FilesAtOnce = 16;

    // Clocks of a server and of its store.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <param name="model">Null = any.</param>
    /// <exception cref="RequestException">It is no id, or nothing has it.</exception>
    public async Task<LoggedPrediction> FindAsync(string id, string? model, CancellationToken cancel)
    {
        if (PredictionIds.TimeOf(id) is not { } at)
        {
            throw new RequestException($"'{id}' is no id of a prediction: those have 26 letters and digits, as the answer's 'id' has; a row of a batch is RUN/ROW, such as score-20260131120000-abc123/17.");
        }

        var models = model is null ? (await registry.ModelsAsync(cancel)).Union(workspace.Models.Keys).Order(StringComparer.Ordinal).ToArray() : [model];
        foreach (var name in models)
        {
            var files = await FilesAsync(name, at, cancel);
            foreach (var some in files.Chunk(FilesAtOnce))
            {
                if (await LookAsync(some, id, cancel) is { } found) return found;
            }
        }

        throw new RequestException(string.Create(CultureInfo.InvariantCulture,
            $"no prediction '{id}' is in the log{(model is null ? "" : $" of model '{model}'")}. It would be of {at:yyyy-MM-dd HH:mm:ss} UTC; the record may have been removed by retention, or never have been stored."));
    }

    // The hour of the id, and the next: the record's time may be a moment later than the id's.
    private async Task<IReadOnlyList<string>> FilesAsync(string model, DateTime at, CancellationToken cancel)
    {
        var files = new List<ObjectInfo>();
        foreach (var hour in new[] { at, at.AddHours(1) })
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"{StoreNames.Containers.Predictions}/{model}/date={hour:yyyy-MM-dd}/hour={hour:HH}/");
            await foreach (var file in objects.ListAsync(prefix, cancel: cancel))
            {
                if (file.Key.EndsWith(".parquet", StringComparison.Ordinal)) files.Add(file);
            }
        }

        // A file that was written before the prediction was made cannot hold it, unless clocks differ: those come last.
        return [.. files.OrderBy(f => f.Modified.UtcDateTime < at - Skew).ThenBy(f => (f.Modified.UtcDateTime - at).Duration()).Select(f => f.Key)];
    }

    private async Task<LoggedPrediction?> LookAsync(string[] keys, string id, CancellationToken cancel)
    {
        var files = new List<LocalObject>(keys.Length);
        try
        {
            foreach (var key in keys)
            {
                try
                {
                    files.Add(await objects.MaterialiseAsync(key, cancel));
                }
                catch (ObjectMissingException)
                {
                    continue; // removed meanwhile
                }
            }

            return files.Count == 0 ? null : await logged.FindAsync([.. files.Select(f => f.Path)], id, cancel);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }
}
