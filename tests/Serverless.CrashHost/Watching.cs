using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.DuckDb;
using Serverless.Local;
using Serverless.Monitoring;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.CrashHost;

/// <summary>Compares new data with what the champion learned from, and dies by SIGKILL as soon as a table was written to.</summary>
public static class Watching
{
    internal static async Task RunAsync(string workspace, string model, string run, string table)
    {
        var local = new ServiceCollection().AddStorage().AddLocalStorage(Path.Combine(workspace, ".serverless")).BuildServiceProvider();
        await using var services = new ServiceCollection().AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddServerless(WorkspaceLoader.Load(workspace))
            .AddSingleton(local.GetRequiredService<IObjectStore>()).AddSingleton(local.GetRequiredService<IWorkQueue>())
            .AddSingleton<IRecordStore>(new Mortal(local.GetRequiredService<IRecordStore>(), table)).AddSingleton(local.GetRequiredService<IFlagStore>()).AddDuckDb().BuildServiceProvider();
        var runs = services.GetRequiredService<IRunEngine>();
        await runs.StartAsync(new MonitorState { Model = model, Reason = "test", By = "test" }, run);
        await runs.DriveAsync(run);
    }
}
