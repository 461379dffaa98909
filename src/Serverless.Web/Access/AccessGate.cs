using System.Net;
using Microsoft.AspNetCore.Http;

namespace Serverless.Web.Access;

/// <summary>
/// Who may call. With keys in the workspace: whoever shows one of sufficient scope. Without: callers on this machine's loopback address only, and not pages of
/// other sites that a browser on this machine has open (Host and Origin are looked at).
/// </summary>
internal sealed class AccessGate(ApiKeys keys, WebOptions options)
{
    private const string CallerItem = "serverless.caller";

    /// <summary>Null when the caller may go on.</summary>
    public Refusal? Refusal(HttpContext context, Scope scope)
    {
        if (scope == Scope.Open || options.AuthenticatedByHost) return null;
        return keys.Any ? ByKey(context, scope) : ByAddress(context);
    }

    /// <summary>The name for the audit: the key's, or the machine's user.</summary>
    public static string Caller(HttpContext context) => context.Items[CallerItem] as string is { } name ? $"api:{name}" : "api";

    private Refusal? ByKey(HttpContext context, Scope scope)
    {
        if (Presented(context.Request) is not { } presented)
        {
            return new(StatusCodes.Status401Unauthorized, "Key missing", "Send an API key of this workspace in the header x-api-key.");
        }

        if (keys.Find(presented) is not { } key) return new(StatusCodes.Status401Unauthorized, "Key not known", "The API key is not one of this workspace.");
        if (key.Scope < scope)
        {
            return new(StatusCodes.Status403Forbidden, "Scope missing",
                $"Key '{key.Name}' has the scope '{key.Scope.ToString().ToLowerInvariant()}'; this needs '{scope.ToString().ToLowerInvariant()}'.");
        }

        context.Items[CallerItem] = key.Name;
        return null;
    }

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

internal sealed record Refusal(int Status, string Title, string Detail);
