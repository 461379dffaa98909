using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Arrival;
using Serverless.Features;
using Serverless.Gating;
using Serverless.Monitoring;
using Serverless.Runs;
using Serverless.Search;
using Serverless.Workspaces;

namespace Serverless.Training;

public static class TrainingServices
{
    /// <summary>The train run with the baseline trainer; other trainers come with their projects.</summary>
    public static IServiceCollection AddTraining(this IServiceCollection services)
    {
        services.AddArrival();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, BaselineTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, LinearTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, ModelValidator>());
        services.TryAddSingleton<TrainerCatalogue>();
        services.TryAddSingleton<PartitionVerdicts>();
        services.TryAddSingleton<FeatureViews.HistoryLookups>();
        services.TryAddSingleton<TrainingReader>();
        services.TryAddSingleton<CandidateStore>();
        services.TryAddSingleton<ModelImports>();
        services.AddReferences();
        services.AddSearch();
        services.AddGating();
        services.TryAddSingleton<ModelTraining>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, ModelValidator>());
        return services.AddRun<TrainState, TrainRun>();
    }
}
