using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Serverless.Alerts;

/// <summary>Posts JSON to an address that somebody wrote into a file. Follows no redirect: what was meant for one host is not handed to another.</summary>
internal sealed class HttpPost : IDisposable
{
    private const int MaxAnswer = 300;

    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };

    /// <summary>Throws <see cref="DeliveryException"/> unless the answer is 2xx. Addresses are not repeated in it: they may be secrets.</summary>
    public async Task SendAsync(string url, object body, IReadOnlyDictionary<string, string> headers, CancellationToken cancel) =>
        await SendAsync(url, JsonSerializer.SerializeToUtf8Bytes(body, ServerlessJson.Options), headers, cancel);

    public async Task SendAsync(string url, byte[] body, IReadOnlyDictionary<string, string> headers, CancellationToken cancel)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new DeliveryException("its address is not an http(s) address");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.UserAgent.ParseAdd("serverless-ml");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, Line.One(value, 8000));
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.IsSuccessStatusCode) return;
            throw new DeliveryException(await ReasonAsync(response, address, cancel)) { RetryAfter = response.Headers.RetryAfter?.Delta };
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryException($"{address.Host}:{address.Port} could not be reached: {Line.One(e.InnerException?.Message ?? e.Message)}", e);
        }
    }

    public void Dispose() => client.Dispose();

    private static async Task<string> ReasonAsync(HttpResponseMessage response, Uri address, CancellationToken cancel)
    {
        var code = $"{address.Host} answered {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
        if ((int)response.StatusCode is >= 300 and < 400) return $"{code}: redirects are not followed; write the address that it leads to{(response.Headers.Location is { IsAbsoluteUri: true } to ? $" (on {to.Host})" : "")}";
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone) code += " (was the webhook removed?)";
        return await StartAsync(response, cancel) is { Length: > 0 } said ? $"{code}: {said}" : code;
    }

    private static async Task<string> StartAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            var bytes = new byte[MaxAnswer];
            var read = await stream.ReadAtLeastAsync(bytes, MaxAnswer, throwOnEndOfStream: false, cancel);
            return Line.One(Encoding.UTF8.GetString(bytes, 0, read), MaxAnswer);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return ""; // the status says enough
        }
    }
}
