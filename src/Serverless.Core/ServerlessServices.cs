using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Access;
using Serverless.Alerts;
using Serverless.Drift;
using Serverless.Erasure;
using Serverless.Explanations;
using Serverless.Feedback;
using Serverless.FeatureViews;
using Serverless.Incidents;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Replay;
using Serverless.Reports;
using Serverless.Retention;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Series;
using Serverless.Sources;
using Serverless.Storage;
using Serverless.Suggestions;
using Serverless.Training;
using Serverless.Tracking;
using Serverless.Workspaces;

namespace Serverless;

/// <summary>The table of contents: what a host gets with <see cref="AddServerless"/>, in the order in which a row meets it.</summary>
public static class ServerlessServices
{
    /// <summary>Adds everything that knows no cloud and no engine. The host adds a store (Local or Azure), the data engine and trainers.</summary>
    public static IServiceCollection AddServerless(this IServiceCollection services, Workspace workspace)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(IdSource.System);
        return services
            .AddSingleton(workspace)
            .AddStorage()
            .AddRuns()
            .AddPartitions()
            .AddSources()
            .AddTraining()
            .AddRegistry()
            .AddScoring()
            .AddRollouts()
            .AddReplay()
            .AddErasure()
            .AddAlerts()
            .AddDrift()
            .AddMonitoring()
            .AddSeries()
            .AddSuggestions()
            .AddIncidents()
            .AddReports()
            .AddTracking()
            .AddFeatureViews()
            .AddExplanations()
            .AddRetention()
            .AddAccess()
            .AddFeedback();
    }
}
