using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services) => services;
}
