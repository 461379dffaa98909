using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.FeatureManagement;
using Serverless.Rollouts;
using Serverless.Switches;

namespace Serverless.FeatureManagement;

public static class FeatureManagementServices
{
    /// <summary>Switches of optional parts, by the workspace's flags as Microsoft.FeatureManagement evaluates them. Flags are followed while the host serves.</summary>
    public static IServiceCollection AddSwitches(this IServiceCollection services)
    {
        services.TryAddSingleton<FlagConfiguration>();
        services.TryAddSingleton<LateManager>();
        services.TryAddSingleton<FlagSwitches>();
        services.Replace(ServiceDescriptor.Singleton<ISwitches>(p => p.GetRequiredService<FlagSwitches>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFlagsListener, FlagSwitches>(p => p.GetRequiredService<FlagSwitches>()));
        return services;
    }

    /// <summary>
    /// <see cref="AddSwitches"/>, and the same flags for the host's own code: <see cref="IVariantFeatureManager"/>. Filters can be added to what this returns, and count for switches too.
    /// </summary>
    public static IFeatureManagementBuilder AddFlags(this IServiceCollection services)
    {
        var flags = new FlagConfiguration();
        services.AddSingleton(flags);
        return services.AddSwitches().AddFeatureManagement(new ConfigurationRoot([flags]));
    }
}
