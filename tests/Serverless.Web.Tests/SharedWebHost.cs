namespace Serverless.Web.Tests;

/// <summary>One host for the tests of a class that change nothing in it, with <see cref="Numbers"/> beside the models of <see cref="Flights"/>.</summary>
public sealed class SharedWebHost : IAsyncLifetime
{
    internal WebHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    internal static async Task<WebHost> StartAsync()
    {
        var host = await WebHost.StartAsync();
        await host.Registry.RegisterAsync(Numbers.Candidate);
        await host.Registry.PromoteAsync(Numbers.Model, 1, "test", "");
        return host;
    }
}
