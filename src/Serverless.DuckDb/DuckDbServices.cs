using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Drift.Samples;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Joins;
using Serverless.DuckDb.Rows;
using Serverless.DuckDb.Tables;
using Serverless.Erasure;
using Serverless.Partitions;
using Serverless.Replay;
using Serverless.Retention;
using Serverless.Sources;
using Serverless.Workspaces;

namespace Serverless.DuckDb;

public static class DuckDbServices
{
    /// <summary>The engine alone, for a host that serves and reads rows only when somebody asks for reasons: nothing of DuckDB is loaded before.</summary>
    public static IDataEngine CreateEngine(IServiceProvider services) => ActivatorUtilities.CreateInstance<DuckDbEngine>(services);

    /// <summary>Adds DuckDB as the data engine.</summary>
    public static IServiceCollection AddDuckDb(this IServiceCollection services)
    {
        services.TryAddSingleton<IDataEngine, DuckDbEngine>();
        services.TryAddSingleton<Scoring.IBatchFiles, BatchFiles>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISourceReader, JoinReader>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, JoinValidator>());
        services.TryAddSingleton<IRowFilter, RowFilter>();
        services.TryAddSingleton<ILoggedVersions, LoggedVersions>();
        services.TryAddSingleton<Scoring.ILoggedPredictions, LoggedPredictionRows>();
        services.TryAddSingleton<IQuarantineJudge, QuarantineJudge>();
        services.TryAddSingleton<IDriftFiles, DriftFiles>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, SqlValidator>());
        services.TryAddSingleton<FeatureViews.IPointInTimeJoin, History.PointInTimeJoin>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, History.ViewValidator>());
        return services;
    }
}
