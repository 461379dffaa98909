using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Training;

namespace Serverless.MLNet;

public static class MLNetServices
{
    /// <summary>Adds trainers <c>fasttree</c>, <c>logistic</c> and <c>linear</c>. ML.NET itself loads at the first training.</summary>
    public static IServiceCollection AddMLNet(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, FastTreeTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, LogisticTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, LinearTrainer>());
        return services;
    }
}
