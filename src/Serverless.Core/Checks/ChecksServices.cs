using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Workspaces;

namespace Serverless.Checks;

public static class ChecksServices
{
    /// <summary>Adds the checks that a dataset file can name, and their catalogue.</summary>
    public static IServiceCollection AddChecks(this IServiceCollection services)
    {
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<ICheck, SizeCheck>(),
            ServiceDescriptor.Singleton<ICheck, CompletenessCheck>(),
            ServiceDescriptor.Singleton<ICheck, UniquenessCheck>(),
            ServiceDescriptor.Singleton<ICheck, DistinctnessCheck>(),
            ServiceDescriptor.Singleton<ICheck, UniqueValueRatioCheck>(),
            ServiceDescriptor.Singleton<ICheck, PrimaryKeyCheck>(),
            ServiceDescriptor.Singleton<ICheck, MinCheck>(),
            ServiceDescriptor.Singleton<ICheck, MaxCheck>(),
            ServiceDescriptor.Singleton<ICheck, MeanCheck>(),
            ServiceDescriptor.Singleton<ICheck, SumCheck>(),
            ServiceDescriptor.Singleton<ICheck, StddevCheck>(),
            ServiceDescriptor.Singleton<ICheck, QuantileCheck>(),
            ServiceDescriptor.Singleton<ICheck, PatternCheck>(),
            ServiceDescriptor.Singleton<ICheck, ContainmentCheck>(),
            ServiceDescriptor.Singleton<ICheck, ComplianceCheck>(),
            ServiceDescriptor.Singleton<ICheck, EntropyCheck>(),
            ServiceDescriptor.Singleton<ICheck, ApproxDistinctCheck>(),
            ServiceDescriptor.Singleton<ICheck, MinLengthCheck>(),
            ServiceDescriptor.Singleton<ICheck, MaxLengthCheck>(),
            ServiceDescriptor.Singleton<ICheck, CountDistinctCheck>(),
            ServiceDescriptor.Singleton<ICheck, ApproxDistinctShareCheck>(),
            ServiceDescriptor.Singleton<ICheck, ApproxQuantileCheck>(),
            ServiceDescriptor.Singleton<ICheck, HistogramBinsCheck>(),
            ServiceDescriptor.Singleton<ICheck, HistogramTopShareCheck>(),
            ServiceDescriptor.Singleton<ICheck, MutualInformationCheck>(),
            ServiceDescriptor.Singleton<ICheck, CorrelationCheck>(),
            ServiceDescriptor.Singleton<ICheck, NonNegativeCheck>(),
            ServiceDescriptor.Singleton<ICheck, PositiveCheck>(),
            ServiceDescriptor.Singleton<ICheck, ComparisonCheck>(),
            ServiceDescriptor.Singleton<ICheck, DataTypeCheck>(),
            ServiceDescriptor.Singleton<ICheck, FreshnessCheck>(),
            ServiceDescriptor.Singleton<ICheck, ColumnNamesCheck>(),
            ServiceDescriptor.Singleton<ICheck, ColumnOrderCheck>(),
            ServiceDescriptor.Singleton<ICheck, ColumnCountCheck>(),
            ServiceDescriptor.Singleton<ICheck, SqlCheck>(),
        ]);
        services.TryAddSingleton<ICheckCatalogue, CheckCatalogue>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, CheckValidator>());
        return services;
    }
}
