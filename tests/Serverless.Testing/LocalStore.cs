using Microsoft.Extensions.DependencyInjection;
using Serverless.Local;
using Serverless.Storage;

namespace Serverless.Testing;

/// <summary>The three ports and leases on a folder that is removed at the end (or on one that the test gives and keeps).</summary>
public sealed class LocalStore : IDisposable
{
    private readonly TempFolder? temporary;
    private readonly ServiceProvider services;

    public LocalStore(TimeProvider? time = null, IdSource? ids = null, string? folder = null)
    {
        if (folder is null) temporary = new TempFolder();
        Folder = folder ?? temporary![".serverless"];
        services = new ServiceCollection()
            .AddSingleton(time ?? TimeProvider.System)
            .AddSingleton(ids ?? IdSource.System)
            .AddStorage()
            .AddLocalStorage(Folder)
            .BuildServiceProvider();
    }

    public string Folder { get; }

    public IObjectStore Objects => services.GetRequiredService<IObjectStore>();

    public IRecordStore Records => services.GetRequiredService<IRecordStore>();

    public IWorkQueue Queue => services.GetRequiredService<IWorkQueue>();

    public ILeases Leases => services.GetRequiredService<ILeases>();

    public void Dispose()
    {
        services.Dispose();
        temporary?.Dispose();
    }
}
