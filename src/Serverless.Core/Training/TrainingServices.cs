using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Training;

public static class TrainingServices
{
    public static IServiceCollection AddTraining(this IServiceCollection services) => services;
}
