namespace Serverless.Sources.Http;

/// <summary>The one client: it follows no redirect, keeps no cookie and expands nothing by itself, because what it does there decides who sees credentials and what counts as whole.</summary>
internal sealed class SourceClient : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        MaxConnectionsPerServer = 100,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each request has its own
    };

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);

    public void Dispose() => client.Dispose();
}
