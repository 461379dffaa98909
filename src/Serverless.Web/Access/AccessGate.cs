using System.Net;
using Microsoft.AspNetCore.Http;

namespace Serverless.Web.Access;

/// <summary>
/// Who may call. With keys in the workspace: whoever shows one of sufficient scope. Without: callers on this machine's loopback address only, and not pages of
/// other sites that a browser on this machine has open (Host and Origin are looked at).
/// </summary>
internal sealed class AccessGate(ApiKeys keys, CallerLimits limits, WebOptions options, BearerTokens? tokens = null)
{
    private const string CallerItem = "serverless.caller";

    // Whoever needs no key shares one bucket with all who need none.
    private const string Nobody = "";

    /// <summary>Null when the caller may go on. Waits for nothing unless a token's keys have to be fetched.</summary>
    public ValueTask<Refusal?> RefusalAsync(HttpContext context, Scope scope)
    {
        if (scope == Scope.Open) return default;
        if (!keys.Any && tokens is null)
        {
            // A host that has decided already needs no second opinion where the workspace has none.
            var refusal = options.AuthenticatedByHost ? null : ByAddress(context);
            return new(refusal ?? Limited(Nobody));
        }

        if (Presented(context.Request) is not { } presented) return new(new Refusal(StatusCodes.Status401Unauthorized, "Key missing", Ask));
        return tokens is not null && BearerTokens.Looks(presented) ? ByTokenAsync(context, scope, presented) : new(ByKey(context, scope, presented));
    }

    /// <summary>The name for the audit: the key's, or the machine's user.</summary>
    public static string Caller(HttpContext context) => context.Items[CallerItem] as string is { } name ? $"api:{name}" : "api";

    private string Ask => tokens is null ? "Send an API key of this workspace in the header x-api-key." : "Send an API key of this workspace in the header x-api-key, or a token of its issuer as Authorization: Bearer.";

    private Refusal? ByKey(HttpContext context, Scope scope, string presented)
    {
        if (keys.Find(presented) is not { } key) return new(StatusCodes.Status401Unauthorized, "Key not known", "The API key is not one of this workspace.");
        if (key.Over) return new(StatusCodes.Status401Unauthorized, "Key over", $"This key of '{key.Name}' is expired or was revoked. Ask for the next one (`serverless-ml keys rotate {key.Name}`).");
        if (key.Scope < scope) return Lacking($"Key '{key.Name}' has the scope '{key.Scope.Name()}'", scope);
        context.Items[CallerItem] = key.Name;
        return Limited(key.Name);
    }

    private async ValueTask<Refusal?> ByTokenAsync(HttpContext context, Scope scope, string presented)
    {
        var token = await tokens!.CheckAsync(presented, context.RequestAborted).ConfigureAwait(false);
        if (token.Unavailable) return new(StatusCodes.Status503ServiceUnavailable, "Issuer not available", token.Problem!);
        if (token.Name is null) return new(StatusCodes.Status401Unauthorized, "Token not good", token.Problem!);
        if (token.Scope < scope) return Lacking($"The token of '{token.Name}' has the role '{token.Scope.Name()}'", scope);
        context.Items[CallerItem] = token.Name;
        return Limited("token:" + token.Name);
    }

    private static Refusal Lacking(string who, Scope scope) => new(StatusCodes.Status403Forbidden, "Scope missing", $"{who}; this needs '{scope.Name()}'.");

    private Refusal? Limited(string caller) => limits.Wait(caller) is { } wait
        ? new(StatusCodes.Status429TooManyRequests, "Too many requests", $"At most {limits.Text} for each caller. Wait as long as Retry-After says.", wait) : null;

    private static Refusal? ByAddress(HttpContext context)
    {
        // No address: a pipe or a test, not a network.
        if (context.Connection.LocalIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            return new(StatusCodes.Status401Unauthorized, "No keys configured",
                "This workspace has no API keys, so only callers on the machine itself are served. Add keys under apiKeys: in serverless.yaml.");
        }

        if (!Local(Name(context.Request.Host.Value)))
        {
            return new(StatusCodes.Status403Forbidden, "Host not allowed",
                "Without API keys only localhost is served under its own name. Add keys under apiKeys: in serverless.yaml.");
        }

        var origin = context.Request.Headers.Origin;
        if (origin.Count > 0 && !(Uri.TryCreate(origin[0], UriKind.Absolute, out var uri) && Local(uri.Host)))
        {
            return new(StatusCodes.Status403Forbidden, "Origin not allowed", "Pages of other sites may not call a server without API keys.");
        }

        return null;
    }

    /// <summary>A host without its port, as <see cref="HostString.Host"/> gives it, but without a new text for each request.</summary>
    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        if (colon < 0) return host;
        // More than one colon: an IPv6 address, whose port stands behind a bracket.
        return host.IndexOf(':') == colon || host[..colon].EndsWith("]") ? host[..colon] : host;
    }

    private static bool Local(ReadOnlySpan<char> host) =>
        host.Length == 0 || host is "127.0.0.1" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address);

    private static string? Presented(HttpRequest request)
    {
        if (request.Headers.TryGetValue("x-api-key", out var key) && key.Count == 1 && !string.IsNullOrEmpty(key[0])) return key[0];
        const string bearer = "Bearer ";
        return request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[bearer.Length..].Trim() : null;
    }
}

/// <param name="Wait">When the same request may be let in.</param>
internal sealed record Refusal(int Status, string Title, string Detail, TimeSpan? Wait = null)
{
    /// <summary>What a refusal says in its headers, whatever form its body has.</summary>
    public void WriteHeaders(HttpResponse response)
    {
        if (Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "ApiKey header=\"x-api-key\", Bearer";
        if (Wait is { } wait) response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
