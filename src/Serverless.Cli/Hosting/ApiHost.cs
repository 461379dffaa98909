using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Web;
using Serverless.Web.Predict;
using Serverless.Workspaces;

namespace Serverless.Cli.Hosting;

/// <summary>The HTTP API in this process, and with <see cref="Parts.All"/> whatever works beside it.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private ApiHost(WebApplication app, IReadOnlyList<string> addresses, IReadOnlyList<Problem> warnings) => (this.app, Addresses, Warnings) = (app, addresses, warnings);

    /// <summary>Where it listens, with the real port where 0 was asked for.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>What the workspace asks for and this version does not do.</summary>
    public IReadOnlyList<Problem> Warnings { get; }

    /// <summary>Reads the workspace, composes, checks, listens. Throws when an address is taken or cannot be understood.</summary>
    public static async Task<ApiHost> StartAsync(string folder, Parts parts, string urls, CliConsole console, LogLevel least, bool verbose, Action<IServiceCollection>? more, CancellationToken cancel)
    {
        var draft = WorkspaceLoader.Read(folder);
        // Settings come from the workspace's files. The other builders read appsettings.json and watch it, with every folder beside and below it: each partition of a local store.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = draft.Workspace.Root, ApplicationName = "serverless-ml" });
        builder.Logging.AddProvider(new PlainLoggerProvider(console.Error, verbose ? LogLevel.Debug : least, verbose));
        // Otherwise every request gets an Activity and a scope for log lines that nobody has asked for: a twentieth of a prediction's cost.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.UseKestrelCore().UseUrls(Check(urls)).ConfigureKestrel(k => k.AddServerHeader = false);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        Composition.Add(builder.Services, draft.Workspace, parts);
        console.Services?.Invoke(builder.Services);
        more?.Invoke(builder.Services);
        var app = builder.Build();
        try
        {
            // Serving needs no trainer and no engine, so it does not judge what only they know.
            draft.Accept(parts == Parts.All ? app.Services.GetServices<IWorkspaceValidator>() : null);
            app.UsePredictions().UseRouting();
            app.MapServerless();
            await app.StartAsync(cancel);
            return new ApiHost(app, [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses], draft.Workspace.Warnings);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await app.DisposeAsync();
            throw new EnvironmentException($"{urls} is in use by another program. Name another address, such as '--urls http://127.0.0.1:0' for any free port.", e);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Serves until cancelled, then stops in order: requests are answered, the log is written.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var asked = cancel.Register(() => ended.TrySetResult());
        using var stopped = app.Lifetime.ApplicationStopping.Register(() => ended.TrySetResult());
        await ended.Task;
        await app.StopAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static string[] Check(string urls)
    {
        var all = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var url in all)
        {
            if (!url.StartsWith("http://", StringComparison.Ordinal)) throw new RequestException($"'{url}' is not an address to listen on. Write 'http://127.0.0.1:5080', 'http://*:8080' or several with ';'. (TLS belongs to a proxy before it.)");
        }

        return all.Length > 0 ? all : throw new RequestException("--urls is empty. Write 'http://127.0.0.1:5080'.");
    }

    // Signals are the program's business: it hands them on as cancellation.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
