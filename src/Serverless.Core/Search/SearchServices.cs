using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Gating;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Search;

public static class SearchServices
{
    /// <summary>Searches and their trials; before the gate, which asks for one where it may.</summary>
    public static IServiceCollection AddSearch(this IServiceCollection services)
    {
        services.TryAddEnumerable([ServiceDescriptor.Singleton<ISampler, RandomSampler>(), ServiceDescriptor.Singleton<ISampler, TpeSampler>()]);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, SearchProblems>());
        services.TryAddSingleton<ITuning, SearchTuning>();
        services.TryAddSingleton<TrialRecords>();
        services.TryAddSingleton<SearchDefinitions>();
        services.TryAddSingleton<SearchConductor>();
        services.TryAddSingleton<SearchPlanner>();
        services.TryAddSingleton<TrialJudge>();
        services.TryAddSingleton<ISearches, Searches>();
        return services.AddRun<TrialState, TrialRunDefinition>().AddRun<SearchState, SearchRunDefinition>();
    }
}
