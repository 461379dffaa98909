using Serverless.Access;
using Serverless.Scoring;

namespace Serverless.Workspaces;

/// <summary><c>auth:</c> and <c>limits:</c> of serverless.yaml.</summary>
internal static class AccessSection
{
    public static AccessSettings Read(Section parent, ProblemLog problems) => Limits(parent, problems) with { Issuer = Issuer(parent, problems) };

    private static TokenIssuer? Issuer(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("auth", "a mapping, such as '{ issuer: https://login.microsoftonline.com/<tenant>/v2.0, audience: api://serverless }'") is not { } map) return null;
        var s = new Section(map, "auth", parent.File, problems);
        string? issuer = s.Text("issuer"), audience = s.Text("audience"), authority = s.Text("authority");
        if (issuer is null) s.Missing("issuer", "the 'iss' of the tokens, such as https://login.microsoftonline.com/<tenant>/v2.0");
        if (audience is null) s.Missing("audience", "the 'aud' of the tokens, such as api://serverless");
        foreach (var (key, text) in new[] { ("issuer", issuer), ("authority", authority) })
        {
            if (text is not null && !Safe(text)) s.Error(s.At(key), $"'{key}' must be an address that begins with https:// (http:// on this machine only), not '{text}'.");
        }

        return issuer is null || audience is null ? null : new TokenIssuer(issuer, audience, authority);
    }

    private static AccessSettings Limits(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("limits", "a mapping, such as '{ requests: 600, per: 1m, maxRows: 1000 }'") is not { } map) return AccessSettings.Default;
        var s = new Section(map, "limits", parent.File, problems);
        var usual = new RequestLimits();
        return new AccessSettings
        {
            Requests = Whole(s, "requests", 1_000_000),
            Per = s.Duration("per") ?? AccessSettings.Default.Per,
            Request = usual with { MaxBytes = Whole(s, "maxBytes", 1 << 30) ?? usual.MaxBytes, MaxRows = Whole(s, "maxRows", 1_000_000) ?? usual.MaxRows },
        };
    }

    private static int? Whole(Section s, string key, int max)
    {
        if (s.Number(key, 1, max) is not { } value) return null;
        if (value == Math.Truncate(value)) return (int)value;
        s.Error(s.At(key), $"'{key}' must be a whole number.");
        return null;
    }

    // Keys that were fetched over plain HTTP could be anybody's.
    private static bool Safe(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || uri.Scheme == "http" && uri.IsLoopback);
}
