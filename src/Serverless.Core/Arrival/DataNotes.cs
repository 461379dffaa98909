using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Workspaces;

namespace Serverless.Arrival;

/// <summary>What predictions of a model have to say about the data behind them.</summary>
/// <param name="Texts">As the answer's <c>notes</c>.</param>
/// <param name="Refusal">Why nothing is predicted; null when it is.</param>
public sealed record DataNote(IReadOnlyList<string> Texts, string? Refusal)
{
    /// <summary>As the prediction log keeps it.</summary>
    public string Text { get; } = string.Join("; ", Texts);

    /// <summary>Ready for an answer.</summary>
    public JsonEncodedText[] Encoded { get; } = [.. Texts.Select(t => JsonEncodedText.Encode(t, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
}

/// <summary>
/// Notes by model, looked up for every prediction: while all data are there, that is one read of a field. <see cref="RefreshAsync"/> asks the store, beside the requests.
/// </summary>
public sealed class DataNotes(Workspace workspace, IArrivals arrivals)
{
    private volatile FrozenDictionary<string, DataNote>? current;

    /// <summary>Some model's dataset has an <c>arrival</c> that matters to predictions.</summary>
    public bool Watches => Watched().Any();

    /// <summary>Null when there is nothing to say.</summary>
    public DataNote? Of(string model) => current is { } notes && notes.TryGetValue(model, out var note) ? note : null;

    /// <summary>Looks at the data of every model.</summary>
    public async Task RefreshAsync(CancellationToken cancel = default)
    {
        var notes = new Dictionary<string, DataNote>(StringComparer.Ordinal);
        foreach (var dataset in Watched().Distinct(StringComparer.Ordinal))
        {
            if (await arrivals.LookAsync(dataset, cancel).ConfigureAwait(false) is not { } state || state.Note() is not { } text) continue;
            foreach (var model in workspace.Models.Values.Where(m => m.Dataset == dataset)) notes[model.Name] = new DataNote([text], state.Refusal());
        }

        current = notes.Count == 0 ? null : notes.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>As <see cref="Of"/>, asking the store now: for callers without a host that refreshes.</summary>
    public async Task<DataNote?> LookAsync(string model, CancellationToken cancel = default)
    {
        if (!workspace.Models.TryGetValue(model, out var definition) || !workspace.Datasets.ContainsKey(definition.Dataset)) return null;
        return await arrivals.LookAsync(definition.Dataset, cancel).ConfigureAwait(false) is { } state && state.Note() is { } text ? new DataNote([text], state.Refusal()) : null;
    }

    private IEnumerable<string> Watched() => workspace.Models.Values.Select(m => m.Dataset)
        .Where(d => workspace.Datasets.TryGetValue(d, out var dataset) && dataset.Arrival is { OnMissing: not Datasets.MissingPolicy.Ignore });
}

/// <summary>Keeps the notes fresh while a host serves.</summary>
internal sealed partial class DataNotesHost(DataNotes notes, TimeProvider time, ILogger<DataNotesHost>? logger = null) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!notes.Watches) return;
        await Task.Yield();
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                try
                {
                    await notes.RefreshAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    if (logger is not null) LogNotRefreshed(logger, e); // what was known stays
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    [LoggerMessage(1120, LogLevel.Warning, "Whether the data behind the models are all there could not be looked up; what predictions said about it before, they go on saying")]
    private static partial void LogNotRefreshed(ILogger logger, Exception exception);
}
