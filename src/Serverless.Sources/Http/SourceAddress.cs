using System.Text;

namespace Serverless.Sources.Http;

/// <summary>An address as it is asked, and as it may be written down.</summary>
internal sealed record SourceAddress(Uri Uri, string Shown)
{
    public bool SameOrigin(Uri other) => Uri.Scheme == other.Scheme && Uri.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase) && Uri.Port == other.Port;
}

/// <summary>The addresses of one pull: parameters put in, secrets kept out of what is shown.</summary>
internal sealed class SourceAddresses(HttpSource source, PullPeriod? period, string? since, IReadOnlyDictionary<string, string> query)
{
    public SourceAddress First(int page)
    {
        var (uri, shown) = (new UriBuilder(Placeholders.Fill(source.Url, period, since, Uri.EscapeDataString)), "");
        var (asked, written) = (new StringBuilder(uri.Query.TrimStart('?')), new StringBuilder(uri.Query.TrimStart('?')));
        foreach (var (name, value) in query)
        {
            var filled = Placeholders.Fill(value, period, since, v => v);
            Add(asked, name, filled);
            Add(written, name, source.Query[name].Secret is null ? filled : "***", source.Query[name].Secret is not null);
        }

        foreach (var (name, value) in Counting(page))
        {
            Add(asked, name, value);
            Add(written, name, value);
        }

        uri.Query = asked.ToString();
        shown = uri.Uri.GetLeftPart(UriPartial.Path) + (written.Length > 0 ? "?" + written : "");
        return new SourceAddress(uri.Uri, shown);
    }

    /// <summary>The address of a link in an answer. Secret parameters are added where the link leaves them out, on the same host only.</summary>
    public SourceAddress Follow(SourceAddress from, string link)
    {
        if (!Uri.TryCreate(from.Uri, link, out var uri) || uri.Scheme is not ("http" or "https")) throw new SourceException($"{from.Shown}: the next page is no address: '{Cut(link)}'.");
        var there = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries);
        var (asked, written) = (new StringBuilder(uri.Query.TrimStart('?')), new StringBuilder());
        foreach (var part in there)
        {
            var name = Uri.UnescapeDataString(part.Split('=')[0]);
            if (written.Length > 0) written.Append('&');
            written.Append(source.Query.TryGetValue(name, out var known) && known.Secret is not null ? $"{name}=***" : part);
        }

        foreach (var (name, value) in query.Where(q => source.Query[q.Key].Secret is not null && from.SameOrigin(uri)))
        {
            if (there.Any(p => Uri.UnescapeDataString(p.Split('=')[0]).Equals(name, StringComparison.OrdinalIgnoreCase))) continue;
            Add(asked, name, value);
            Add(written, name, "***", raw: true);
        }

        var next = new UriBuilder(uri) { Query = asked.ToString(), Fragment = "" }.Uri;
        return new SourceAddress(next, next.GetLeftPart(UriPartial.Path) + (written.Length > 0 ? "?" + written : ""));
    }

    /// <summary>The first address with the cursor of an answer.</summary>
    public SourceAddress At(string cursor, int page)
    {
        var first = First(page);
        var separator = first.Uri.Query.Length > 1 ? "&" : "?";
        var more = $"{separator}{Uri.EscapeDataString(source.Paging!.Parameter!)}={Uri.EscapeDataString(cursor)}";
        return new SourceAddress(new Uri(first.Uri.AbsoluteUri + more), first.Shown + more);
    }

    private IEnumerable<(string, string)> Counting(int page)
    {
        if (source.Paging is not { } paging) yield break;
        if (paging.By is PagingKind.Page) yield return (paging.Parameter!, $"{paging.First + page - 1}");
        if (paging.By is PagingKind.Offset) yield return (paging.Parameter!, $"{paging.First + ((page - 1L) * paging.Size!.Value)}");
        if (paging.SizeParameter is { } size) yield return (size, $"{paging.Size}");
    }

    private static void Add(StringBuilder query, string name, string value, bool raw = false)
    {
        if (query.Length > 0) query.Append('&');
        query.Append(Uri.EscapeDataString(name)).Append('=').Append(raw ? value : Uri.EscapeDataString(value));
    }

    private static string Cut(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
