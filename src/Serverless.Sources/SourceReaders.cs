using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
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
        services.TryAddSingleton<SourceClient>();
        services.TryAddSingleton<Retries>();
        services.TryAddSingleton<Scoring.Enrichment.IEnrichmentSources, Enrichment.HttpEnrichments>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISourceReader, HttpReader>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISourceReader, SqlReader>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, ProviderValidator>());
        services.AddSingleton(SqlProviders.Sqlite(SqliteFactory.Instance));
        services.AddSingleton(SqlProviders.Postgres(NpgsqlFactory.Instance));
        return services;
    }
}
