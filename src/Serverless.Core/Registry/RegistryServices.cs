using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Registry;

public static class RegistryServices
{
    public static IServiceCollection AddRegistry(this IServiceCollection services) => services;
}
