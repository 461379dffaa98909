using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.Web.Access;

/// <summary>Says at the start when the server is reachable from outside but will refuse everybody, because no key is configured.</summary>
internal sealed partial class AccessNotice(ApiKeys keys, Workspaces.Workspace workspace, WebOptions options, IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<AccessNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!keys.Any && workspace.Access.Issuer is null && !options.AuthenticatedByHost) lifetime.ApplicationStarted.Register(Look);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Look()
    {
        var addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        foreach (var address in addresses)
        {
            var host = BindingAddress.Parse(address).Host;
            var local = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);
            if (!local) LogClosed(address);
        }
    }

    [LoggerMessage(EventId = 6101, Level = LogLevel.Warning, Message =
        "Listening on {Address} without API keys: callers from other machines are refused. Add keys under apiKeys: in serverless.yaml, or bind to localhost.")]
    private partial void LogClosed(string address);
}
