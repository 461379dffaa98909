using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Azure;
using Serverless.Azure.Signing;
using Serverless.DuckDb;
using Serverless.FeatureManagement;
using Serverless.LightGbm;
using Serverless.Local;
using Serverless.MLNet;
using Serverless.Mail;
using Serverless.Onnx;
using Serverless.Partitions;
using Serverless.Scheduling;
using Serverless.Scoring;
using Serverless.Sources;
using Serverless.Web;
using Serverless.Workspaces;

namespace Serverless.Cli.Hosting;

/// <summary>What a command needs. Less is a quicker start: <c>serve</c> has neither DuckDB nor a trainer in memory.</summary>
internal enum Parts
{
    /// <summary>The store and what is read from it: history, runs, models.</summary>
    Store,

    /// <summary>The store and serving.</summary>
    Serving,

    /// <summary>Everything that walks the path of the data.</summary>
    All,
}

/// <summary>The one place where the program is put together.</summary>
internal static class Composition
{
    public static void Add(IServiceCollection services, Workspace workspace, Parts parts)
    {
        services.AddServerless(workspace);
        services.AddSingleton<IPredictorFormat>(new LatePredictorFormat("onnx", "model.onnx", OnnxFormat));
        if (workspace.Storage.Kind == StorageKind.Local) services.AddLocalStorage(workspace.Storage.Folder!);
        else AddAzure(services, workspace.Storage);
        if (workspace.Storage.Kind == StorageKind.Local && workspace.Signing.Key?.Vault is not null) AddVault(services);
        if (parts != Parts.Store) AddSwitches(services);
        if (parts == Parts.Serving) AddWeb(services);
        if (parts == Parts.Serving && workspace.Models.Values.Any(m => m.Enrich is not null)) AddEnrichment(services);
        if (parts == Parts.All) AddEngines(services);
        if (parts == Parts.All && workspace.Datasets.Values.Any(d => d.Sources.Any(s => s is ContainerSource))) AddContainers(services);
    }

    /// <summary>What <c>up</c> runs beside the API.</summary>
    public static void AddWorkers(IServiceCollection services) => services.AddScheduling();

    // Each in a method of its own, so that its assembly is loaded only when it is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddAzure(IServiceCollection services, StorageSettings settings) =>
        services.AddAzureStorage(settings).AddAzureMonitor("serverless-ml");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddVault(IServiceCollection services) => services.AddKeyVaultSigning();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddContainers(IServiceCollection services) => services.AddAzureSources();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddSwitches(IServiceCollection services) => services.AddSwitches();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IPredictorFormat OnnxFormat() => new OnnxFormat();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddWeb(IServiceCollection services)
    {
        services.AddServerlessWeb();
        // For explanations, which compare a row with rows of the reference.
        services.TryAddSingleton<IDataEngine>(Engine);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddEnrichment(IServiceCollection services) => services.AddEnrichmentSource();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IDataEngine Engine(IServiceProvider services) => DuckDbServices.CreateEngine(services);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddEngines(IServiceCollection services)
    {
        services.AddServerlessWeb();
        services.AddDuckDb().AddLightGbm().AddMLNet().AddOnnxImport().AddSourceReaders().AddMail();
    }
}
