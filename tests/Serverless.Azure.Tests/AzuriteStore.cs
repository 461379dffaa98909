using Microsoft.Extensions.DependencyInjection;
using Serverless.Storage;
using Serverless.Testing.Emulator;
using Serverless.Workspaces;

namespace Serverless.Azure.Tests;

/// <summary>The Azure adapters on the one Azurite of this test run.</summary>
internal sealed class AzuriteStore
{
    private const string Variable = "SERVERLESS_TESTS_AZURITE";

    private static readonly Lazy<AzuriteStore> Shared = new(() => new AzuriteStore());

    private readonly ServiceProvider services;

    private AzuriteStore()
    {
        Environment.SetEnvironmentVariable(Variable, Azurite.OrSkip().ConnectionString);
        services = new ServiceCollection().AddStorage().AddAzureStorage(Settings).BuildServiceProvider();
    }

    public static StorageSettings Settings { get; } = new() { Kind = StorageKind.Azure, ConnectionVariable = Variable };

    public AzureStore Account => services.GetRequiredService<AzureStore>();

    public IObjectStore Objects => services.GetRequiredService<IObjectStore>();

    public IRecordStore Records => services.GetRequiredService<IRecordStore>();

    public IWorkQueue Queue => services.GetRequiredService<IWorkQueue>();

    /// <summary>True where Azurite cannot be had.</summary>
    public static bool IsMissing => Azurite.Missing is not null;

    /// <summary>The store on Azurite; skips the test, with the reason, where Azurite cannot be had.</summary>
    public static AzuriteStore OrSkip()
    {
        Azurite.OrSkip();
        return Shared.Value;
    }
}
