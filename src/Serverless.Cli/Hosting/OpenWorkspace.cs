using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Terminal;
using Serverless.Workspaces;

namespace Serverless.Cli.Hosting;

/// <summary>A workspace that was accepted, with the services a command needs for it.</summary>
internal sealed class OpenWorkspace : IAsyncDisposable
{
    private readonly ServiceProvider provider;

    private OpenWorkspace(Workspace workspace, ServiceProvider provider) => (Workspace, this.provider) = (workspace, provider);

    public Workspace Workspace { get; }

    public IServiceProvider Services => provider;

    /// <summary>Reads, composes and checks. Throws <see cref="Problems.ConfigurationException"/> with all problems of all files.</summary>
    public static OpenWorkspace At(string folder, Parts parts, CliConsole console, bool verbose)
    {
        var draft = WorkspaceLoader.Read(folder);
        var services = new ServiceCollection();
        // Who typed the command is told by its answer; the alert about the same is for the others, and for who asks with --verbose.
        services.AddLogging(logging => logging.AddFilter("Serverless.Alerts.LogChannel", verbose ? LogLevel.Trace : LogLevel.None).AddProvider(new PlainLoggerProvider(console.Error, verbose ? LogLevel.Debug : LogLevel.Warning, verbose)).SetMinimumLevel(LogLevel.Trace));
        Composition.Add(services, draft.Workspace, parts);
        console.Services?.Invoke(services);
        var provider = services.BuildServiceProvider();
        try
        {
            return new OpenWorkspace(draft.Accept(provider.GetServices<IWorkspaceValidator>()), provider);
        }
        catch
        {
            provider.Dispose();
            throw;
        }
    }

    public T Get<T>() where T : notnull => provider.GetRequiredService<T>();

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
