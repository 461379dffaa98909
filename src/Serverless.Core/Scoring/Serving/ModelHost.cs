using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.FeatureViews;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <inheritdoc cref="IModelHost"/>
internal sealed partial class ModelHost(Workspace workspace, IModelRegistry registry, TimeProvider time, ModelHostOptions options, ILogger<ModelHost> logger, ServingSignals? signals = null, FeatureViews.Online.OnlineLookups? lookups = null, Segments.SegmentVersions? segments = null)
    : BackgroundService, IModelHost
{
    private readonly ConcurrentDictionary<string, Slot> slots = new(StringComparer.Ordinal);

    public ServedModel? Loaded(string model) => slots.TryGetValue(model, out var slot) ? slot.Current : null;

    public ValueTask<ServedModel> GetAsync(string model, CancellationToken cancel = default) => Loaded(model) is { } served ? new(served) : new(FirstAsync(model, cancel));

    public async Task RefreshAsync(string model, CancellationToken cancel = default)
    {
        var slot = slots.GetOrAdd(model, static _ => new Slot());
        await slot.Loading.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await RefreshAsync(model, slot, cancel).ConfigureAwait(false);
        }
        finally
        {
            slot.Loading.Release();
        }
    }

    public IReadOnlyList<ModelStatus> Status() =>
        [.. Own().Union(slots.Keys).Order(StringComparer.Ordinal).Select(model => slots.TryGetValue(model, out var slot)
            ? new ModelStatus(model, slot.Current?.Version, slot.Champion, slot.Problem)
            : new ModelStatus(model, null, null, "not looked at yet"))];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.PollEvery, time);
        try
        {
            // Preloading beside the start of the server: the first request finds the model or waits for this very load.
            do
            {
                foreach (var model in Own().Union(slots.Keys)) await PollAsync(model, stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    // Segments are loaded when a row of theirs comes.
    private IEnumerable<string> Own() => workspace.Models.Values.Where(m => m.Segment is null).Select(m => m.Name);

    private async Task PollAsync(string model, CancellationToken cancel)
    {
        try
        {
            await RefreshAsync(model, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnreachable(e, model);
        }
    }

    private async Task<ServedModel> FirstAsync(string model, CancellationToken cancel)
    {
        if (!workspace.Models.ContainsKey(model))
        {
            var known = await registry.ModelsAsync(cancel).ConfigureAwait(false);
            if (!known.Contains(model))
            {
                throw new RequestException($"model '{model}' is not known here.{Suggest.Hint(model, known.Union(workspace.Models.Keys))}");
            }
        }

        if (!slots.TryGetValue(model, out var slot) || slot.Current is null)
        {
            await RefreshAsync(model, cancel).ConfigureAwait(false);
            slot = slots[model];
        }

        return slot.Current ?? throw (slot.Problem is { } problem
            ? new NoChampionException($"No version of model '{model}' can answer: {problem}", damaged: true)
            : new NoChampionException($"Model '{model}' has no champion yet. Train it (`serverless-ml train {model}`), or promote a version it has (`serverless-ml models promote {model} VERSION`).", damaged: false));
    }

    private async Task RefreshAsync(string model, Slot slot, CancellationToken cancel)
    {
        var champion = await registry.AliasAsync(model, Alias.Champion, cancel).ConfigureAwait(false);
        slot.Champion = champion;
        if (champion is null || slot.Current?.Version == champion)
        {
            if (champion is not null) slot.Problem = null;
            return;
        }

        if (slot.Failed == champion && time.GetUtcNow() < slot.RetryAt) return;
        try
        {
            slot.Current = await LoadAsync(model, champion.Value, cancel).ConfigureAwait(false);
            slot.Problem = null;
            slot.Failed = null;
            LogServing(model, champion.Value);
            signals?.Loaded(model, champion.Value);
            await ViewsAsync(model, champion.Value, slot.Current, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            slot.Failed = champion;
            slot.RetryAt = time.GetUtcNow() + options.RetryAfter;
            slot.Current ??= await PreviousAsync(model, champion.Value, cancel).ConfigureAwait(false);
            slot.Problem = $"version {champion} cannot be loaded: {e.Message}";
            LogDamaged(e, model, champion.Value, slot.Current is { } kept ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"version {kept.Version} answers instead") : "nothing answers");
            signals?.Damaged(model, champion.Value, slot.Current?.Version, e.Message, tampered: e is TamperedException);
        }
    }

    /// <summary>The latest earlier champion that loads; null when there is none.</summary>
    private async Task<ServedModel?> PreviousAsync(string model, int damaged, CancellationToken cancel)
    {
        var audit = await registry.AuditAsync(model, cancel).ConfigureAwait(false);
        var earlier = audit.Reverse()
            .Where(e => e.Action is "promoted" or "approved" or "rolled-back")
            .SelectMany(e => new[] { e.Version, e.From })
            .OfType<int>().Where(v => v != damaged).Distinct();
        foreach (var version in earlier)
        {
            try
            {
                return await LoadAsync(model, version, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogDamaged(e, model, version, "one before it is tried");
            }
        }

        return null;
    }

    // Values of a view that is another now are not those that the version learned from. It answers all the same: whoever changed the view is told.
    private async Task ViewsAsync(string model, int version, ServedModel loaded, CancellationToken cancel)
    {
        if (signals is null || !loaded.Pipeline.Schema.Inputs.Any(i => i.Lookup?.Kind == LookupKind.View)) return;
        try
        {
            var lineage = (await registry.FindAsync(model, version, cancel).ConfigureAwait(false))?.Lineage;
            var changed = (lineage?.Views ?? []).Where(v => v.Definition is not null && workspace.Views.ContainsKey(v.Name))
                .Select(v => (v.Name, Differences: v.Definition!.Differences(ViewTerms.Of(workspace.Views[v.Name])))).Where(v => v.Differences.Count > 0).ToArray();
            signals.Views(model, version, string.Join("; ", changed.Select(v => $"view '{v.Name}' has changed since ({string.Join(", ", v.Differences)})")));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnreachable(e, model);
        }
    }

    private Task<ServedModel> LoadAsync(string model, int version, CancellationToken cancel) =>
        ServedVersions.LoadAsync(workspace, registry, model, version, Alias.Champion, lookups, cancel, segments: segments);

    private sealed class Slot
    {
        private volatile ServedModel? current;

        public SemaphoreSlim Loading { get; } = new(1, 1);

        public ServedModel? Current { get => current; set => current = value; }

        public int? Champion { get; set; }

        public string? Problem { get; set; }

        public int? Failed { get; set; }

        public DateTimeOffset RetryAt { get; set; }
    }

    [LoggerMessage(EventId = 5101, Level = LogLevel.Information, Message = "Serving {Model} version {Version}.")]
    private partial void LogServing(string model, int version);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Error, Message = "Model {Model} version {Version} cannot be loaded; {Instead}. Restore its files, or promote another version.")]
    private partial void LogDamaged(Exception error, string model, int version, string instead);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Warning, Message = "The champion of {Model} could not be looked up; what is loaded goes on answering.")]
    private partial void LogUnreachable(Exception error, string model);
}
