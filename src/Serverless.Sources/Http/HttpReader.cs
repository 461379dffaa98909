using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Secrets;

namespace Serverless.Sources.Http;

/// <summary>
/// Rows over HTTP, in one answer or in pages that are put together into one drop. Each page is asked for within the source's limit and tried again by itself; when one of them
/// does not come whole, nothing of the pull is kept.
/// </summary>
internal sealed class HttpReader(SourceClient client, ISourceLimits limits, SecretReader secrets, Retries retries, TimeProvider time) : ISourceReader
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public string Kind => "http";

    public async Task<Fetched> FetchAsync(FetchRequest request, CancellationToken cancel)
    {
        var source = (HttpSource)request.Source;
        var since = source.Since is null ? null : request.Mark.Of == MarkOf(source) ? request.Mark.Until ?? source.Since.First : source.Since.First;
        var addresses = new SourceAddresses(source, request.Period, since, await ResolveAsync(source.Query, cancel));
        var pages = new HttpPages(client, source, await ResolveAsync(source.Headers, cancel), time);
        var watermark = source.Since is null ? null : new Watermark(since);
        var drop = Path.Combine(request.Folder, "drop");
        await using var sink = new PageSink(source, drop, watermark);
        var walk = new Walk(source, addresses);
        HttpPage? first = null;
        var known = source.Paging is null && since is null && request.Mark.Of == MarkOf(source) ? request.Mark : null;
        var left = source.MaxBytes;
        for (var address = addresses.First(1); address is not null;)
        {
            var number = walk.Number;
            request.Progress?.Report(new RunProgress($"page {number} of {source.Name}", null));
            var file = Path.Combine(request.Folder, $"page-{number}");
            var what = source.Paging is null ? address.Shown : $"page {number} ({address.Shown})";
            var (page, rows, field) = await retries.RunAsync(what, source.Retry, token => OnceAsync(request, pages, sink, address, number, number == 1 ? known : null, file, left, token), cancel)
                .Named(what);
            first ??= page;
            if (page.NotModified) return new Fetched { Mark = request.Mark, NothingNew = "304 Not Modified" };
            left -= new FileInfo(file).Length;
            address = walk.Next(address, page, rows, field, await DigestAsync(file, cancel));
            File.Delete(file);
        }

        await sink.FlushAsync(cancel);
        var mark = new SourceMark { Of = MarkOf(source), ETag = source.Paging is null ? first!.ETag : null, LastModified = source.Paging is null ? first!.LastModified : null, Until = watermark?.Value };
        if (sink.Rows == 0) return new Fetched { Mark = mark, NothingNew = since is null ? "the answer has no rows" : $"no rows after {since}" };
        return new Fetched
        {
            Mark = mark,
            Files =
            [
                new FetchedFile
                {
                    Path = drop, Name = request.DropName(Extension(source.Format)), Append = source.Appends,
                    Origin = new DropOrigin
                    {
                        Source = source.Name, Kind = Kind, Run = request.Run, Address = first!.Address.Shown, Period = request.Period?.Key, ETag = first.ETag, LastModified = first.LastModified,
                        Since = since, Until = watermark?.Value, Pages = walk.Number, Rows = source.Format == SourceFormat.Parquet ? null : sink.Rows,
                    },
                },
            ],
        };
    }

    private async Task<(HttpPage Page, long Rows, string? Field)> OnceAsync(FetchRequest request, HttpPages pages, PageSink sink, SourceAddress address, int number, SourceMark? known, string file, long left,
        CancellationToken cancel)
    {
        HttpPage page;
        await using (await limits.EnterAsync(request.Dataset.Name, request.Source, request.Run, request.Source.Timeout + Grace, cancel))
        {
            page = await pages.GetAsync(address, known, file, left, cancel);
        }

        if (page.NotModified) return (page, 0, null);
        var (rows, field) = await sink.AddAsync(page, number, cancel);
        return (page, rows, field);
    }

    private async Task<IReadOnlyDictionary<string, string>> ResolveAsync(IReadOnlyDictionary<string, SecretText> values, CancellationToken cancel)
    {
        var resolved = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, text) in values) resolved[name] = await secrets.ResolveAsync(text, cancel);
        return resolved;
    }

    /// <summary>What a mark belongs to. A watermark stays valid while its column is the same: beginning anew would bring every row twice.</summary>
    private static string MarkOf(HttpSource source) => source.Since is { } since ? $"since {since.Column}"
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [source.Url, source.Items, source.Format.ToString(), .. source.Query.Select(q => $"{q.Key}={q.Value}")]))))[..16];

    private static string Extension(SourceFormat format) => format switch { SourceFormat.Json or SourceFormat.Jsonl => ".jsonl", SourceFormat.Tsv => ".tsv", SourceFormat.Parquet => ".parquet", _ => ".csv" };

    private static async Task<string> DigestAsync(string file, CancellationToken cancel)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexString(await SHA256.HashDataAsync(stream, cancel));
    }

    /// <summary>From page to page; notices when a source leads in a circle.</summary>
    private sealed class Walk(HttpSource source, SourceAddresses addresses)
    {
        private readonly Dictionary<string, int> seen = new(StringComparer.Ordinal);
        private (string Digest, long Rows) before;

        public int Number { get; private set; } = 1;

        /// <summary>Null after the last page.</summary>
        public SourceAddress? Next(SourceAddress from, HttpPage page, long rows, string? field, string digest)
        {
            if (source.Paging is not { } paging) return null;
            seen[from.Uri.AbsoluteUri] = Number;
            var counts = paging.By is PagingKind.Page or PagingKind.Offset;
            if (counts && rows > 0 && before == (digest, rows)) throw new SourceException($"page {Number} ({from.Shown}) is the same as page {Number - 1}: the source does not heed '{paging.Parameter}'. Nothing was stored.");
            before = (digest, rows);
            var next = paging.By switch
            {
                PagingKind.Link => page.NextLink is { Length: > 0 } link ? addresses.Follow(from, link) : null,
                PagingKind.Field => field is { Length: > 0 } link ? addresses.Follow(from, link) : null,
                PagingKind.Cursor => field is { Length: > 0 } cursor ? addresses.At(cursor, Number + 1) : null,
                _ => rows == 0 || rows < paging.Size ? null : addresses.First(Number + 1),
            };
            if (next is null) return null;
            if (seen.TryGetValue(next.Uri.AbsoluteUri, out var earlier)) throw new SourceException($"page {Number} ({from.Shown}) leads back to page {earlier}. Nothing was stored.");
            if (Number == paging.MaxPages) throw new SourceException($"there are more than {paging.MaxPages.ToString(CultureInfo.InvariantCulture)} pages (maxPages). Nothing was stored.");
            Number++;
            return next;
        }
    }
}

internal static class Naming
{
    /// <summary>Says which page a fault was about, where the message does not.</summary>
    public static async Task<T> Named<T>(this Task<T> task, string what)
    {
        try
        {
            return await task;
        }
        catch (SourceException e) when (!e.Message.StartsWith(what, StringComparison.Ordinal))
        {
            throw new SourceException($"{what}: {e.Message}", e);
        }
    }
}
