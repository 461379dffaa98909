using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Scoring;
using Serverless.Web.Access;
using Serverless.Web.Alerts;
using Serverless.Web.Answers;
using Serverless.Web.Data;
using Serverless.Web.Health;
using Serverless.Web.Mlflow;
using Serverless.Web.Models;
using Serverless.Web.Monitoring;
using Serverless.Web.OpenApi;
using Serverless.Web.Predict;
using Serverless.Web.Predict.Invocations;
using Serverless.Web.Predict.OpenInference;
using Serverless.Workspaces;

namespace Serverless.Web;

public static class WebServices
{
    /// <summary>
    /// Serving over HTTP: models kept loaded, the prediction log in Parquet, and the endpoints that <see cref="Routes.MapServerless"/> maps. Throws
    /// <see cref="Problems.ConfigurationException"/> when the first service is asked for and an API key of the workspace cannot be resolved.
    /// </summary>
    public static IServiceCollection AddServerlessWeb(this IServiceCollection services, WebOptions? options = null)
    {
        services.AddRouting();
        services.TryAddSingleton(options ?? new WebOptions());
        services.TryAddSingleton<IPredictionFormat, ParquetPredictions>();
        services.TryAddSingleton(p => new ApiKeys(p.GetRequiredService<Workspace>().ApiKeys, Environment.GetEnvironmentVariable, p.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(p => new CallerLimits(p.GetRequiredService<Workspace>().Access));
        services.TryAddSingleton(p => new AccessGate(p.GetRequiredService<ApiKeys>(), p.GetRequiredService<CallerLimits>(), p.GetRequiredService<WebOptions>(), Tokens(p)));
        services.TryAddSingleton<StoredKeys>();
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<StoredKeys>());
        services.TryAddSingleton<Guard>();
        services.TryAddSingleton<RowExamples>();
        services.TryAddSingleton<ExplainedAnswer>();
        services.TryAddSingleton<RoutedPrediction>();
        services.TryAddSingleton<PredictEndpoint>();
        services.TryAddSingleton<OpenInferenceProtocol>();
        services.TryAddSingleton<OpenInferenceEndpoints>();
        services.TryAddSingleton<InvocationsProtocol>();
        services.TryAddSingleton<InvocationsEndpoints>();
        services.TryAddSingleton<FeedbackEndpoint>();
        services.TryAddSingleton<ModelEndpoints>();
        services.TryAddSingleton<GovernanceEndpoints>();
        services.TryAddSingleton<DatasetEndpoints>();
        services.TryAddSingleton<FeatureEndpoints>();
        services.TryAddSingleton<MetricEndpoints>();
        services.TryAddSingleton<RunEndpoints>();
        services.TryAddSingleton<TrackingEndpoints>();
        services.TryAddSingleton<DriftEndpoints>();
        services.TryAddSingleton<Releases.RolloutEndpoints>();
        services.TryAddSingleton<Batches.BatchEndpoints>();
        services.TryAddSingleton<Batches.PrecomputedEndpoint>();
        services.TryAddSingleton<AlertEndpoints>();
        services.TryAddSingleton<IncidentEndpoints>();
        services.TryAddSingleton<HealthEndpoints>();
        services.TryAddSingleton<OpenApiEndpoint>();
        services.AddMlflow();
        services.AddHostedService<AccessNotice>();
        return services.AddServing();
    }

    // A method of its own: without an issuer nothing of the token library is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static BearerTokens? Tokens(IServiceProvider services)
    {
        if (services.GetRequiredService<Workspace>().Access.Issuer is not { } issuer) return null;
        var time = services.GetRequiredService<TimeProvider>();
        var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(15) }) { Timeout = TimeSpan.FromSeconds(10) };
        return new BearerTokens(issuer, new IssuerKeys(issuer, http, time), time, services.GetRequiredService<ILogger<BearerTokens>>());
    }
}
