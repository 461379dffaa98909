using Microsoft.Extensions.DependencyInjection;
using Serverless.Local;
using Serverless.Registry;
using Serverless.Workspaces;

namespace Serverless.Bench.Serving.Rollouts;

/// <summary>Copies of the serving workspace with two versions: in one nothing is released, in the others a canary or a shadow of the second is under way.</summary>
internal static class ReleasingWorkspaces
{
    private const string Model = "flight-delay";

    public static string None => BenchData.Made("releasing-none");

    public static string Canary => BenchData.Made("releasing-canary");

    public static string Shadow => BenchData.Made("releasing-shadow");

    public static async Task PrepareAsync()
    {
        await Servers.PrepareAsync();
        if (Directory.Exists(Shadow)) return;
        Copy(Servers.Workspace, None);
        // The same model again under another number: what it answers does not matter here.
        await Servers.CliAsync("-w", None, "-q", "train", Model);
        await Servers.CliAsync("-w", None, "-q", "models", "promote", Model, "1", "--comment", "bench");
        foreach (var (folder, kind) in new[] { (Canary, "canary"), (Shadow, "shadow") })
        {
            Copy(None, folder);
            await Servers.CliAsync("-w", folder, "-q", "rollout", "start", Model, "2", "--kind", kind, "--comment", "bench");
        }
    }

    /// <summary>Makes the two versions champion in turn, in this process, until it is cancelled.</summary>
    public static async Task SwapAsync(CancellationToken cancel)
    {
        await using var services = new ServiceCollection().AddServerless(WorkspaceLoader.Load(None)).AddLocalStorage(Path.Combine(None, ".serverless")).AddLogging().BuildServiceProvider();
        var registry = services.GetRequiredService<IModelRegistry>();
        for (var version = 2; !cancel.IsCancellationRequested; version = 3 - version)
        {
            await registry.PromoteAsync(Model, version, "bench", "swap", cancel: CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }

    private static void Copy(string from, string to)
    {
        if (Directory.Exists(to)) Directory.Delete(to, recursive: true);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
