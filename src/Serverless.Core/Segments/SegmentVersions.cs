using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.FeatureViews.Online;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Workspaces;

namespace Serverless.Segments;

/// <summary>What of the segments is in memory.</summary>
public interface ISegmentVersions
{
    /// <summary>What is loaded now: names in the registry, and the bytes that each takes.</summary>
    IReadOnlyList<(string Model, long Bytes)> Loaded();
}

/// <summary>
/// The champions of segments. Each is loaded when its first row comes, and all together stay within the memory that their model allows: the one unused for longest goes, and comes back when it is asked again.
/// A segment that has no champion, or one that cannot be loaded or answers otherwise than the default, is answered by the default.
/// </summary>
internal sealed partial class SegmentVersions(Workspace workspace, IModelRegistry registry, TimeProvider time, ModelHostOptions options, ILogger<SegmentVersions> logger, ServingSignals? signals = null, OnlineLookups? lookups = null)
    : BackgroundService, ISegmentVersions
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Slot> slots = new(StringComparer.Ordinal);

    /// <summary>The champion of a segment; null = the default answers. The first call loads it and waits for that.</summary>
    /// <param name="whole">The default, whose answers have to have the same form.</param>
    internal ServedModel? Get(Slot slot, ServedModel whole)
    {
        slot.Used = time.GetTimestamp();
        return slot.Current ?? (time.GetTimestamp() < slot.AgainAt ? null : Load(slot, whole));
    }

    /// <summary>The place of a segment, the same for everybody in this process.</summary>
    internal Slot Of(string model, string segment, long budget, string of)
    {
        lock (gate) return slots.TryGetValue(model, out var there) ? there : slots[model] = new Slot(model, segment, budget, of);
    }

    public IReadOnlyList<(string Model, long Bytes)> Loaded()
    {
        lock (gate) return [.. slots.Values.Where(s => s.Current is not null).Select(s => (s.Model, s.Bytes))];
    }

    /// <summary>Looks at the aliases of what is loaded, and swaps what has moved.</summary>
    public async Task RefreshAsync(CancellationToken cancel = default)
    {
        Slot[] all;
        lock (gate) all = [.. slots.Values];
        foreach (var slot in all)
        {
            if (slot.Current is not { } current) continue;
            try
            {
                var champion = await registry.AliasAsync(slot.Model, Alias.Champion, cancel).ConfigureAwait(false);
                // Loaded beside it by the next row; while that cannot be done, the default answers.
                if (champion != current.Version) slot.Forget();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogUnreachable(e, slot.Model);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.PollEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) await RefreshAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    // A row is read in one go, without a place to wait: the thread that brings the first row of a segment waits for its version, and the others of the same segment with it.
    private ServedModel? Load(Slot slot, ServedModel whole)
    {
        lock (slot.Loading)
        {
            if (slot.Current is { } there) return there;
            if (time.GetTimestamp() < slot.AgainAt) return null;
            int? champion = null;
            try
            {
                champion = registry.AliasAsync(slot.Model, Alias.Champion).GetAwaiter().GetResult();
                if (champion is null) return Later(slot, options.PollEvery);
                var loaded = ServedVersions.LoadAsync(workspace, registry, slot.Model, champion.Value, Alias.Champion, lookups, CancellationToken.None, slot.Segment).GetAwaiter().GetResult();
                if (Differs(loaded, whole) is { } why) throw new DataException(why);
                slot.Put(loaded, (loaded.Pipeline as ScoringPipeline)?.Bytes ?? 0);
                if (slot.Damaged) signals?.Loaded(slot.Model, champion.Value);
                slot.Damaged = false;
                LogServing(slot.Segment, slot.Of, champion.Value, slot.Bytes);
                Evict(slot);
                return loaded;
            }
            catch (Exception e) when (e is DataException or EnvironmentException or RequestException or IOException)
            {
                LogFailed(e, slot.Segment, slot.Of, champion);
                if (champion is { } version && !slot.Damaged) signals?.Damaged(slot.Model, version, whole.Version, e.Message, e is TamperedException);
                slot.Damaged = true;
                return Later(slot, options.RetryAfter);
            }
        }
    }

    private ServedModel? Later(Slot slot, TimeSpan wait)
    {
        slot.AgainAt = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        return null;
    }

    private void Evict(Slot keep)
    {
        lock (gate)
        {
            while (true)
            {
                var loaded = slots.Values.Where(s => s.Of == keep.Of && s.Current is not null).ToArray();
                if (loaded.Sum(s => s.Bytes) <= keep.Budget || loaded.Where(s => s != keep).MinBy(s => s.Used) is not { } oldest) return;
                LogEvicted(oldest.Segment, oldest.Of, oldest.Bytes, keep.Budget);
                oldest.Forget();
            }
        }
    }

    private static string? Differs(ServedModel part, ServedModel whole) =>
        part.Schema.Task != whole.Schema.Task ? $"it does {part.Schema.Task.ToString().ToLowerInvariant()}, the default {whole.Schema.Task.ToString().ToLowerInvariant()}"
        : !part.Schema.Classes.SequenceEqual(whole.Schema.Classes) ? $"its classes ({string.Join(", ", part.Schema.Classes)}) are not those of the default ({string.Join(", ", whole.Schema.Classes)})" : null;

    /// <summary>A segment in this process.</summary>
    internal sealed class Slot(string model, string segment, long budget, string of)
    {
        private volatile ServedModel? current;
        private long used;
        private long again;

        public string Model { get; } = model;

        public string Segment { get; } = segment;

        public long Budget { get; } = budget;

        /// <summary>The model of which it is a segment.</summary>
        public string Of { get; } = of;

        public Lock Loading { get; } = new();

        public ServedModel? Current => current;

        public long Bytes { get; private set; }

        public bool Damaged { get; set; }

        public long Used { get => Interlocked.Read(ref used); set => Interlocked.Exchange(ref used, value); }

        public long AgainAt { get => Interlocked.Read(ref again); set => Interlocked.Exchange(ref again, value); }

        public void Put(ServedModel loaded, long bytes)
        {
            Bytes = bytes;
            current = loaded;
        }

        public void Forget() => current = null;
    }

    [LoggerMessage(EventId = 5111, Level = LogLevel.Information, Message = "Segment {Segment} of {Model}: serving version {Version}, {Bytes} bytes.")]
    private partial void LogServing(string segment, string model, int version, long bytes);

    [LoggerMessage(EventId = 5112, Level = LogLevel.Error, Message = "Segment {Segment} of {Model}: version {Version} cannot be loaded; the default answers.")]
    private partial void LogFailed(Exception error, string segment, string model, int? version);

    [LoggerMessage(EventId = 5113, Level = LogLevel.Information, Message = "Segment {Segment} of {Model} was unused for longest and is let go: {Bytes} bytes, {Budget} allowed in all.")]
    private partial void LogEvicted(string segment, string model, long bytes, long budget);

    [LoggerMessage(EventId = 5114, Level = LogLevel.Warning, Message = "The champion of {Model} could not be looked up; what is loaded goes on answering.")]
    private partial void LogUnreachable(Exception error, string model);
}
