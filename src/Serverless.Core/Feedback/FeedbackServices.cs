using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Feedback;

public static class FeedbackServices
{
    /// <summary>Taking feedback in.</summary>
    public static IServiceCollection AddFeedback(this IServiceCollection services)
    {
        services.TryAddSingleton(new FeedbackOptions());
        services.TryAddSingleton<FeedbackLog>();
        services.TryAddSingleton<FeedbackIntake>();
        services.TryAddSingleton<IFeedback>(s => s.GetRequiredService<FeedbackIntake>());
        return services;
    }
}
