using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.FeatureManagement;

namespace Serverless.FeatureManagement;

/// <summary>The library's manager: the host's, or where it has none, one made at the first switch. The library is not compiled ahead, and a server's start waits for nothing that it may never use.</summary>
internal sealed class LateManager(FlagConfiguration flags, IServiceProvider host) : IDisposable
{
    private readonly Lock making = new();
    private ServiceProvider? own;

    public IVariantFeatureManager Get()
    {
        if (host.GetService<IVariantFeatureManager>() is { } theirs) return theirs;
        lock (making)
        {
            own ??= Make();
        }

        return own.GetRequiredService<IVariantFeatureManager>();
    }

    public void Dispose() => own?.Dispose();

    private ServiceProvider Make()
    {
        var services = new ServiceCollection().AddSingleton(host.GetRequiredService<ILoggerFactory>()).AddLogging().AddSingleton(host.GetRequiredService<TimeProvider>());
        services.AddFeatureManagement(new ConfigurationRoot([flags]));
        return services.BuildServiceProvider();
    }
}
