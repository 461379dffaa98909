using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Runs;

public static class RunsServices
{
    /// <summary>The engine. Kinds of run come with <c>AddRun</c>; logs go nowhere unless the host adds logging.</summary>
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.TryAddSingleton(new RunOptions());
        services.TryAddSingleton(s => new RunCatalogue(s.GetServices<IRunAdapter>));
        services.TryAddSingleton<RunRecords>();
        services.TryAddSingleton<WorkerPlaces>();
        services.TryAddSingleton<RunSteps>();
        services.TryAddSingleton<RunEngine>();
        services.TryAddSingleton<IRunEngine>(s => s.GetRequiredService<RunEngine>());
        services.TryAddSingleton<IRunRecovery>(s => s.GetRequiredService<RunEngine>());
        return services;
    }

    /// <summary>Registers a kind of run.</summary>
    /// <typeparam name="TState">What it remembers; one kind for each type.</typeparam>
    /// <typeparam name="TDefinition">Its states and steps; a singleton.</typeparam>
    public static IServiceCollection AddRun<TState, TDefinition>(this IServiceCollection services)
        where TState : class
        where TDefinition : class, IRunDefinition<TState>
    {
        services.TryAddSingleton<IRunDefinition<TState>, TDefinition>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunAdapter, RunAdapter<TState>>());
        return services;
    }
}
