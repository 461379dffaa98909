using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Alerts;
using Serverless.Core.Tests.Registry;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Rollouts;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Rollouts;

/// <summary>Rollouts of model "late" on a local store: version 1 is champion, version 2 the challenger, version 3 another.</summary>
internal sealed class RolloutsFixture : IDisposable
{
    public const string Model = "late";

    private readonly RegistryFixture registry = new();

    public RolloutsFixture()
    {
        Audit = new AliasMoves(Store, Time, IdSource.System);
        Records = new RolloutRecords(Store);
        Counts = new CounterRecords(Store);
        Projection = new RolloutFlags(Flags, Policies);
        Registry = new ModelRegistry(registry.Store.Objects, Store, Audit, registry.Files(), Time, [], sources: [new RolloutAudit(Records)]);
        Rollouts = Open();
    }

    public Microsoft.Extensions.Time.Testing.FakeTimeProvider Time => registry.Time;

    public IRecordStore Store => registry.Store.Records;

    public ModelRegistry Registry { get; }

    public AliasMoves Audit { get; }

    public RolloutRecords Records { get; }

    public CounterRecords Counts { get; }

    public RolloutFlags Projection { get; }

    public MemoryFlags Flags { get; } = new();

    public FixedOutcomes Outcomes { get; } = new();

    public RecordedSignals Signals { get; } = new();

    public Serverless.Rollouts.Rollouts Rollouts { get; }

    public static PolicyCatalogue Policies { get; } = new([new CanaryPolicy(), new ShadowPolicy(), new PilotPolicy(), new AbPolicy(), new BanditPolicy()]);

    public static RolloutGuards Guards { get; } = new([new ErrorsGuard(), new LatencyGuard(), new DriftGuard(), new FeedbackGuard()]);

    public static Workspace Workspace { get; } = new()
    {
        Name = "test", Root = "workspace", Hash = "hash", Storage = new StorageSettings(), ApiKeys = [], Datasets = new Dictionary<string, Serverless.Datasets.DatasetDefinition>(),
        Models = new Dictionary<string, ModelDefinition>(),
    };

    /// <summary>Another process on the same store and flags.</summary>
    public Serverless.Rollouts.Rollouts Open(IRecordStore? store = null)
    {
        var records = store is null ? Records : new RolloutRecords(store);
        return new(Workspace, records, Projection, Flags, Policies, Guards, Counts, Outcomes, Registry, Audit, new RolloutSignals(Signals), Time, NullLogger<Serverless.Rollouts.Rollouts>.Instance);
    }

    public async Task<RolloutsFixture> WithVersionsAsync(int versions = 3)
    {
        for (var i = 1; i <= versions; i++) await Registry.RegisterAsync(RegistryFixture.Candidate($"run-{i}", value: i / 10.0));
        await Registry.PromoteAsync(Model, 1, "test", "first");
        return this;
    }

    public Task<RolloutRecord> StartAsync(RolloutDefinition terms, int version = 2) => Rollouts.StartAsync(new RolloutRequest(Model, version, terms, "cli:alice", "try it"));

    public async Task<RolloutRecord> LastAsync() => (await Records.LastAsync(Model, default))!.Record;

    /// <summary>What processes are said to have counted since the beginning.</summary>
    public Task CountAsync(params VariantTotals[] totals) => Counts.WriteAsync($"{Model}-r1", "process", totals, Time.GetUtcNow(), default);

    public static VariantTotals Seen(string variant, long calls, long failures = 0, double microseconds = 10, long hangs = 0) => new()
    {
        Variant = variant, Calls = calls, Failures = failures, Hangs = hangs, Latency = new SparseCounts().Add(Buckets.OfTime(microseconds), calls - failures),
    };

    public async Task TickAsync(TimeSpan later)
    {
        Time.Advance(later);
        await Rollouts.TickAsync(Time.GetUtcNow());
    }

    public void Dispose() => registry.Dispose();
}

/// <summary>Flags in memory, that can be out of reach.</summary>
internal sealed class MemoryFlags : IFlagStore
{
    private readonly Dictionary<string, JsonObject> flags = new(StringComparer.Ordinal);
    private int mark;

    public string Name => "memory";

    public Exception? Fails { get; set; }

    public IReadOnlyDictionary<string, JsonObject> All => flags;

    public Task<FlagSet?> ReadAsync(string? known, CancellationToken cancel = default)
    {
        if (Fails is not null) throw Fails;
        return Task.FromResult(known == $"{mark}" ? null : new FlagSet($"{mark}", flags.ToDictionary(f => f.Key, f => (JsonObject)f.Value.DeepClone())));
    }

    public Task UpdateAsync(string id, Func<JsonObject?, JsonObject?> change, CancellationToken cancel = default)
    {
        if (Fails is not null) throw Fails;
        var there = flags.GetValueOrDefault(id);
        var changed = change(there);
        if (ReferenceEquals(changed, there)) return Task.CompletedTask;
        mark++;
        if (changed is null) flags.Remove(id);
        else flags[id] = changed;
        return Task.CompletedTask;
    }

    public Flag Rollout => FlagFile.Read(flags["rollout-late"]);
}

/// <summary>Outcomes as a test states them.</summary>
internal sealed class FixedOutcomes : IOutcomes
{
    public Dictionary<string, IReadOnlyList<OutcomeRow>> Rows { get; } = [];

    public Task<IReadOnlyList<OutcomeRow>> ReadAsync(string model, string rollout, string? metric, CancellationToken cancel = default) => Task.FromResult(Rows.GetValueOrDefault(metric ?? "") ?? []);
}

internal sealed class RecordedSignals : ISignals
{
    private readonly List<Signal> all = [];

    public IReadOnlyList<Signal> All
    {
        get { lock (all) return [.. all]; }
    }

    public Task PublishAsync(IReadOnlyList<Signal> signals, CancellationToken cancel = default)
    {
        lock (all) all.AddRange(signals);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<Signal> ReadAsync(DateOnly from, DateOnly to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        foreach (var signal in All) yield return signal;
    }
}
