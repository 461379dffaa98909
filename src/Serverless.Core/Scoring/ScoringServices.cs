using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Scoring;

public static class ScoringServices
{
    public static IServiceCollection AddScoring(this IServiceCollection services) => services;
}
