using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Serverless.Arrival;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.Scoring;

public static class ScoringServices
{
    /// <summary>Serving and batch scoring. A host that serves also adds a prediction format (<c>AddServerlessWeb</c> brings Parquet).</summary>
    public static IServiceCollection AddScoring(this IServiceCollection services)
    {
        services.AddArrival();
        services.TryAddSingleton(new ModelHostOptions());
        services.TryAddSingleton(new PredictionLogOptions());
        services.TryAddSingleton(p => p.GetRequiredService<Workspaces.Workspace>().Access.Request);
        services.TryAddSingleton<FeatureViews.HistoryLookups>();
        services.TryAddSingleton<FeatureViews.Online.OnlineTable>();
        services.TryAddSingleton<FeatureViews.Online.OnlineLookups>();
        services.TryAddSingleton<Segments.SegmentVersions>();
        services.TryAddSingleton<Segments.ISegmentVersions>(p => p.GetRequiredService<Segments.SegmentVersions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<Workspaces.IWorkspaceValidator, Segments.SegmentValidator>());
        services.TryAddSingleton(p => new Enrichment.Enrichments(p.GetRequiredService<TimeProvider>(), p, p.GetRequiredService<Switches.ISwitches>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<Workspaces.IWorkspaceValidator, Enrichment.EnrichmentValidator>());
        services.TryAddSingleton<ModelHost>();
        services.TryAddSingleton<IModelHost>(p => p.GetRequiredService<ModelHost>());
        services.TryAddSingleton(p => new ServedVersions(
            p.GetRequiredService<Workspaces.Workspace>(), p.GetRequiredService<Registry.IModelRegistry>(), p.GetRequiredService<IModelHost>(), p.GetRequiredService<FeatureViews.Online.OnlineLookups>()));
        services.TryAddSingleton<PredictionLog>();
        services.TryAddSingleton<IPredictionLog>(p => p.GetRequiredService<PredictionLog>());
        services.TryAddSingleton(p => new PredictionIds(p.GetRequiredService<IdSource>()));
        services.TryAddSingleton<PredictionFinder>();
        services.TryAddSingleton<BatchRows>();
        services.TryAddSingleton<IPredictionReplay, PredictionReplay>();
        services.TryAddSingleton(new BatchOptions());
        services.TryAddSingleton(new Scheduling.SchedulingOptions());
        services.TryAddSingleton<BatchScheduler>();
        services.TryAddSingleton<Batches>();
        services.TryAddSingleton<IBatches>(p => p.GetRequiredService<Batches>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<Erasure.IRowHolder, BatchedRows>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<Erasure.IRowHolder, BatchRejects>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<Workspaces.IWorkspaceValidator, Workspaces.BatchValidator>());
        services.TryAddSingleton<BatchSplitter>();
        services.TryAddSingleton<PartScorer>();
        services.TryAddSingleton<BatchPartsStore>();
        services.TryAddSingleton<Precomputed>();
        services.TryAddSingleton<IPrecomputedPredictions, PrecomputedReader>();
        services.AddRun<ScorePartState, ScorePartRun>();
        return services.AddRun<ScoreState, ScoreRun>();
    }

    /// <summary>Keeps champions loaded and the log flushed while the host runs.</summary>
    public static IServiceCollection AddServing(this IServiceCollection services) => services
        .AddSingleton<IHostedService>(p => p.GetRequiredService<PredictionLog>())
        .AddSingleton<IHostedService>(p => p.GetRequiredService<ModelHost>())
        .AddSingleton<IHostedService>(p => p.GetRequiredService<Segments.SegmentVersions>())
        .AddHostedService<DataNotesHost>()
        .AddRolloutServing();
}
