using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Runs;

public static class RunsServices
{
    public static IServiceCollection AddRuns(this IServiceCollection services) => services;
}
