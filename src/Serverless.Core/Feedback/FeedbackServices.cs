using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Performance;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Feedback;

public static class FeedbackServices
{
    /// <summary>Taking feedback in, joining it to predictions (run kind <c>feedback</c>), and what follows from it: performance, outcomes of rollouts.</summary>
    public static IServiceCollection AddFeedback(this IServiceCollection services)
    {
        services.TryAddSingleton(new FeedbackOptions());
        services.TryAddSingleton<FeedbackLog>();
        services.TryAddSingleton<FeedbackIntake>();
        services.TryAddSingleton<IFeedback>(s => s.GetRequiredService<FeedbackIntake>());
        services.TryAddSingleton<LoggedAnswers>();
        services.TryAddSingleton<JoinedHours>();
        services.TryAddSingleton<FeedbackJoin>();
        services.TryAddSingleton<FeedbackRouting>();
        services.TryAddSingleton<RolloutUnits>();
        services.TryAddSingleton<OutcomeTables>();
        services.TryAddSingleton<ConceptDrift>();
        services.TryAddSingleton<RealisedMeasuring>();
        services.TryAddSingleton<RealisedStore>();
        services.TryAddSingleton<PerformanceEstimation>();
        services.TryAddSingleton<IPerformance, PerformanceReader>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, FeedbackValidator>());
        services.AddFeedbackTicks();
        return services.AddRun<FeedbackState, FeedbackRun>().AddRun<FeedbackDropState, FeedbackDropRun>();
    }

    /// <summary>What rollouts and schedulers need of it.</summary>
    internal static IServiceCollection AddFeedbackTicks(this IServiceCollection services)
    {
        services.TryAddSingleton(new FeedbackOptions());
        services.TryAddSingleton<JoinStates>();
        services.TryAddSingleton<IOutcomes, JoinedOutcomes>();
        services.TryAddSingleton<RolloutRecords>();
        services.TryAddSingleton<FeedbackScheduler>();
        services.TryAddSingleton<FeedbackDrops>();
        services.TryAddSingleton<IFeedbackDrops>(s => s.GetRequiredService<FeedbackDrops>());
        return services;
    }
}
