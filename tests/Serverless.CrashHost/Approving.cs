using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Local;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.CrashHost;

/// <summary>Approves a version of a workspace, and dies by SIGKILL as soon as a table was written to: the write stands, nothing after it happens.</summary>
public static class Approving
{
    internal static async Task RunAsync(string workspace, string model, int version, string by, string table)
    {
        var local = new ServiceCollection().AddStorage().AddLocalStorage(Path.Combine(workspace, ".serverless")).BuildServiceProvider();
        await using var services = new ServiceCollection().AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddServerless(WorkspaceLoader.Load(workspace))
            .AddSingleton(local.GetRequiredService<IObjectStore>()).AddSingleton(local.GetRequiredService<IWorkQueue>())
            .AddSingleton<IRecordStore>(new Mortal(local.GetRequiredService<IRecordStore>(), table)).BuildServiceProvider();
        await services.GetRequiredService<IModelRegistry>().ApproveAsync(model, version, by, "looks right");
    }
}
