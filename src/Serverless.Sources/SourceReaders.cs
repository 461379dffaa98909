using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Serverless.Secrets;
using Serverless.Sources.Http;
using Serverless.Sources.Sql;
using Serverless.Workspaces;

namespace Serverless.Sources;

public static class SourceReaders
{
    /// <summary>Reads sources over HTTP and by SQL. Further databases: register a <see cref="SqlProvider"/> with its ADO.NET factory.</summary>
    public static IServiceCollection AddSourceReaders(this IServiceCollection services)
    {
        services.AddSources();
        services.AddEnrichmentSource();
        services.TryAddSingleton<Retries>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISourceReader, HttpReader>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISourceReader, SqlReader>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, ProviderValidator>());
        services.AddSingleton(SqlProviders.Sqlite(SqliteFactory.Instance));
        services.AddSingleton(SqlProviders.Postgres(NpgsqlFactory.Instance));
        return services;
    }

    /// <summary>Only what serving needs of it: values that requests lack, over HTTP.</summary>
    public static IServiceCollection AddEnrichmentSource(this IServiceCollection services)
    {
        services.AddSecrets();
        services.TryAddSingleton<SourceClient>();
        services.TryAddSingleton<Scoring.Enrichment.IEnrichmentSources, Enrichment.HttpEnrichments>();
        return services;
    }
}
