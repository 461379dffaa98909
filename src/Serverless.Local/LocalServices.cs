using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Rollouts;
using Serverless.Storage;

namespace Serverless.Local;

public static class LocalServices
{
    /// <summary>
    /// The three ports on a folder of this machine: objects as files, records and queues in one SQLite file. The folder is made when it is first used. Any number
    /// of processes may share it, on a file system with working locks (not every network file system has them).
    /// </summary>
    public static IServiceCollection AddLocalStorage(this IServiceCollection services, string folder)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(IdSource.System);
        services.AddSingleton(s => new LocalFolder(folder, s.GetRequiredService<IdSource>()));
        services.AddSingleton<LocalDatabase>();
        services.AddSingleton<IObjectStore, LocalObjectStore>();
        services.AddSingleton<IRecordStore, LocalRecordStore>();
        services.AddSingleton<IWorkQueue, LocalWorkQueue>();
        services.AddSingleton<IFlagStore>(_ => new FileFlagStore(folder));
        return services;
    }
}
