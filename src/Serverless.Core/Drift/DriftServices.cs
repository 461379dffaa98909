using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Drift.Methods;
using Serverless.Drift.Multivariate;
using Serverless.Drift.Upstream;

namespace Serverless.Drift;

public static class DriftServices
{
    /// <summary>Adds the drift methods, their catalogue and the detector.</summary>
    public static IServiceCollection AddDrift(this IServiceCollection services)
    {
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IDriftMethod, KolmogorovSmirnovMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, ChiSquareMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, WassersteinMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, JensenShannonMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, PopulationStabilityMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, HellingerMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, KullbackLeiblerMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, CramerVonMisesMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, TotalVariationMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, EnergyMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, ProportionMethod>(),
            ServiceDescriptor.Singleton<IDriftMethod, MomentsMethod>(),
        ]);
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IDatasetDriftMethod, MmdMethod>(),
            ServiceDescriptor.Singleton<IDatasetDriftMethod, ClassifierMethod>(),
        ]);
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IUpstreamRule, UnitRule>(),
            ServiceDescriptor.Singleton<IUpstreamRule, NotFilledRule>(),
            ServiceDescriptor.Singleton<IUpstreamRule, CategoriesRule>(),
            ServiceDescriptor.Singleton<IUpstreamRule, SpellingRule>(),
            ServiceDescriptor.Singleton<IUpstreamRule, PrecisionRule>(),
            ServiceDescriptor.Singleton<IUpstreamRule, TimeZoneRule>(),
        ]);
        services.TryAddSingleton<IDriftCatalogue, DriftCatalogue>();
        services.TryAddSingleton<IDriftDetector, DriftDetector>();
        return services;
    }
}
