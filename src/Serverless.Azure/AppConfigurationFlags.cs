using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Problems;
using Serverless.Rollouts;

namespace Serverless.Azure;

/// <summary>
/// Flags in App Configuration, through its REST API (2023-11-01): each is a key-value <c>.appconfig.featureflag/&lt;id&gt;</c>, changed by compare-and-swap on its ETag. The store is asked at most
/// every <see cref="AskEvery"/>, however often serving looks.
/// </summary>
internal sealed class AppConfigurationFlags : IFlagStore
{
    /// <summary>A standard store allows 30,000 requests an hour.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(15);

    private const string Version = "api-version=2023-11-01", Prefix = ".appconfig.featureflag/", ContentType = "application/vnd.microsoft.appconfig.ff+json;charset=utf-8";

    private readonly Uri endpoint;
    private readonly TimeProvider time;
    private readonly HttpPipeline pipeline;
    private long asked;
    private volatile string? last;

    public AppConfigurationFlags(Uri endpoint, TokenCredential credential, ClientOptions options, TimeProvider time)
    {
        (this.endpoint, this.time) = (endpoint, time);
        pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, $"{endpoint.GetLeftPart(UriPartial.Authority)}/.default"));
    }

    public string Name => endpoint.GetLeftPart(UriPartial.Authority);

    public async Task<FlagSet?> ReadAsync(string? known, CancellationToken cancel = default)
    {
        if (known is not null && known == last && time.GetElapsedTime(Volatile.Read(ref asked)) < AskEvery) return null;
        var flags = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var etags = new StringBuilder();
        var next = $"/kv?key={Uri.EscapeDataString(Prefix + "*")}&label=%00&{Version}";
        while (next is not null)
        {
            using var answer = await SendAsync(RequestMethod.Get, next, null, null, cancel).ConfigureAwait(false);
            var page = Parse(answer).AsObject();
            foreach (var item in page["items"]?.AsArray() ?? [])
            {
                if (Flag((string?)item?["value"]) is not { } flag || (string?)flag["id"] is not { Length: > 0 } id) throw new DataException($"{Name} has a feature flag under '{(string?)item?["key"]}' that is no flag");
                flags[id] = flag;
                etags.Append(id).Append('\n').Append((string?)item?["etag"]).Append('\n');
            }

            next = (string?)page["@nextLink"];
        }

        Volatile.Write(ref asked, time.GetTimestamp());
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(etags.ToString())));
        last = mark;
        return mark == known ? null : new FlagSet(mark, flags);
    }

    public async Task UpdateAsync(string id, Func<JsonObject?, JsonObject?> change, CancellationToken cancel = default)
    {
        var path = $"/kv/{Uri.EscapeDataString(Prefix + id)}?{Version}";
        while (true)
        {
            using var found = await SendAsync(RequestMethod.Get, path, null, null, cancel, 404).ConfigureAwait(false);
            var item = found.Status == 404 ? null : Parse(found).AsObject();
            var there = item is null ? null : Flag((string?)item["value"]);
            var changed = change(there);
            if (ReferenceEquals(changed, there)) return;
            var body = changed is null ? null : new JsonObject { ["value"] = changed.ToJsonString(), ["content_type"] = ContentType }.ToJsonString();
            var match = item is null ? ("If-None-Match", "*") : ("If-Match", $"\"{(string?)item["etag"]}\"");
            using var done = await SendAsync(changed is null ? RequestMethod.Delete : RequestMethod.Put, path, body, match, cancel, 412).ConfigureAwait(false);
            last = null;
            // Somebody else changed it in between: their flag is what the change begins from now.
            if (done.Status != 412) return;
        }
    }

    private async Task<Response> SendAsync(RequestMethod method, string path, string? body, (string Name, string Value)? match, CancellationToken cancel, int allowed = 0)
    {
        var message = pipeline.CreateMessage(); // not disposed of: its response is the caller's
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(Name + path));
        if (match is { } condition) message.Request.Headers.Add(condition.Name, condition.Value);
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/vnd.microsoft.appconfig.kv+json");
            message.Request.Content = RequestContent.Create(Encoding.UTF8.GetBytes(body));
        }

        try
        {
            await pipeline.SendAsync(message, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RequestFailedException or HttpRequestException or AggregateException or global::Azure.Identity.AuthenticationFailedException)
        {
            throw new EnvironmentException($"App Configuration at {Name} cannot be reached: {e.Message}", e);
        }

        var response = message.Response;
        if (response.Status is >= 200 and < 300 || response.Status == allowed) return response;
        var status = response.Status;
        response.Dispose();
        throw new EnvironmentException(status is 401 or 403
            ? $"App Configuration at {Name} refuses this identity ({status}). Give it the role App Configuration Data Owner on the store (Data Reader is enough to serve)."
            : $"App Configuration at {Name} answered {status}");
    }

    private JsonNode Parse(Response response)
    {
        try
        {
            return JsonNode.Parse(response.Content.ToMemory().Span) ?? throw new DataException($"{Name} answered with nothing");
        }
        catch (JsonException e)
        {
            throw new DataException($"{Name} answered with something that is no JSON: {e.Message}", e);
        }
    }

    private static JsonObject? Flag(string? value)
    {
        try
        {
            return value is null ? null : JsonNode.Parse(value) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
