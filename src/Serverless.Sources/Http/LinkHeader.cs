namespace Serverless.Sources.Http;

/// <summary>The header <c>Link</c> of RFC 8288: <c>&lt;https://...?page=2&gt;; rel="next", &lt;...&gt;; rel="last"</c>.</summary>
internal static class LinkHeader
{
    /// <summary>Target of the link with relation <c>next</c>; null when there is none.</summary>
    public static string? Next(IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            var at = 0;
            while ((at = value.IndexOf('<', at)) >= 0)
            {
                var end = value.IndexOf('>', at);
                if (end < 0) break;
                var target = value[(at + 1)..end];
                var stop = value.IndexOf(",<", end, StringComparison.Ordinal) is var tight and >= 0 ? tight : value.Length;
                if (value.IndexOf(", <", end, StringComparison.Ordinal) is var loose and >= 0 && loose < stop) stop = loose;
                if (Relations(value[(end + 1)..stop]).Contains("next", StringComparer.OrdinalIgnoreCase)) return target;
                at = stop;
            }
        }

        return null;
    }

    private static IEnumerable<string> Relations(string parameters) => parameters.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(p => p.Split('=', 2, StringSplitOptions.TrimEntries))
        .Where(p => p.Length == 2 && p[0].Equals("rel", StringComparison.OrdinalIgnoreCase))
        .SelectMany(p => p[1].Trim('"').Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
