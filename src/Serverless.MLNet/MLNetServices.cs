using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Training;

namespace Serverless.MLNet;

public static class MLNetServices
{
    /// <summary>Adds trainers <c>fasttree</c>, <c>fastforest</c>, <c>gam</c>, <c>logistic</c>, <c>sdca</c> and <c>poisson</c>. ML.NET itself loads at the first training.</summary>
    public static IServiceCollection AddMLNet(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, FastTreeTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, FastForestTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, GamTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, LogisticTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, SdcaTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, PoissonTrainer>());
        return services;
    }
}
