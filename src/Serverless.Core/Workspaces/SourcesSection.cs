using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Problems;
using Serverless.Secrets;
using Serverless.Sources;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>sources</c> and <c>from</c> of a dataset file.</summary>
internal sealed partial class SourcesSection
{
    private const string Example = "a list of sources, such as '- { name: nightly, kind: http, url: https://..., schedule: \"0 4 * * *\" }'";
    private static readonly string[] Kinds = ["http", "folder", "container", "sql"];

    // Headers and parameters that hold a secret more often than not.
    private static readonly string[] Sensitive = ["authorization", "cookie", "key", "token", "secret", "password", "signature", "credential", "sig"];

    private readonly string root;
    private readonly ProblemLog problems;
    private Section s = null!;

    private SourcesSection(string root, ProblemLog problems) => (this.root, this.problems) = (root, problems);

    /// <param name="root">Folder of the workspace: relative paths begin there.</param>
    public static IReadOnlyList<SourceDefinition> Read(Section dataset, string root, ProblemLog problems)
    {
        var read = new SourcesSection(root, problems);
        var sources = dataset.ListOf("sources", Example).Select(n => read.Source(n, dataset)).OfType<SourceDefinition>().ToList();
        foreach (var twice in sources.GroupBy(x => x.Name).Where(g => g.Count() > 1))
        {
            problems.Error(dataset.File, twice.Last().Line, twice.Last().Column, $"two sources are named '{twice.Key}'.");
        }

        if (dataset.Scalar("from", "an SQL query over other datasets") is { } from)
        {
            if (sources.Count > 0) dataset.Error(from, "a dataset has 'from' or 'sources', not both: give each source a dataset of its own, and join those.");
            // Which datasets it names is known once all files are read.
            sources.Add(new JoinSource { Name = JoinSource.KindName, Sql = from.Text, Inputs = [], Line = from.Line, Column = from.Column });
        }

        return sources;
    }

    private SourceDefinition? Source(YamlNode node, Section dataset)
    {
        if (node is not YamlMap map)
        {
            dataset.Error(node, $"'sources' must be {Example}.");
            return null;
        }

        var kind = map.Entries.FirstOrDefault(e => e.Key.Text == "kind")?.Value as YamlScalar;
        if (kind is null || !Kinds.Contains(kind.Text))
        {
            var close = kind is not null && Suggest.Closest(kind.Text, Kinds) is { } c ? $" Did you mean '{c}'?" : "";
            dataset.Error(kind ?? (YamlNode)map, (kind is null ? "a source has no 'kind'." : $"'kind' cannot be '{kind.Text}'.{close}") + $" Allowed: {string.Join(", ", Kinds)}.");
            return null;
        }

        s = new Section(map, kind.Text, dataset.File, problems);
        var before = problems.Errors.Count;
        var name = s.Name("name");
        if (name == JoinSource.KindName) s.Error(s.At("name"), $"'{JoinSource.KindName}' is taken: a joined dataset's own source is named so.");
        SourceDefinition? source = kind.Text switch { "http" => Http(name), "folder" => Folder(name), "container" => Container(name), _ => Sql(name) };
        var schedule = s.Cron("schedule");
        var (period, mode, limit) = (s.Choice<PeriodChoice>("period") ?? PeriodChoice.Previous, s.Choice<PullMode>("mode"), Limit());
        var timeout = s.Duration("timeout") ?? TimeSpan.FromMinutes(kind.Text == "sql" ? 60 : 5);
        var size = Size("maxSize") ?? 1L << 30;
        return source is null || name is null || problems.Errors.Count > before ? null : source with
        {
            Schedule = schedule, Period = period, Mode = mode, Limit = limit, Timeout = timeout, MaxBytes = size, Line = map.Line, Column = map.Column,
        };
    }

    private HttpSource? Http(string? name)
    {
        var url = s.Scalar("url", "an http(s) address");
        if (url is null && s.Node("url") is null) s.Missing("url", "an http(s) address");
        if (url is not null) Address(url);
        var format = s.Choice<SourceFormat>("format") ?? (url is null ? null : FormatOf(url.Text));
        if (url is not null && format is null && s.Node("format") is null) s.Error(s.Map, $"the address does not tell the format; add 'format': one of {Section.Choices<SourceFormat>()}.");
        if (s.Node("items") is not null && format is not SourceFormat.Json) s.Error(s.At("items"), "'items' is for 'format: json': where in the answer the array of rows is.");
        var (headers, query) = (Values("headers"), Values("query"));
        var paging = Paging(format);
        var since = Since();
        var uses = Placeholders.In(url?.Text).Concat(query.Values.SelectMany(q => Placeholders.In(q.Literal))).Any(p => p.Name == "since");
        if (since is not null && !uses) s.Error(s.At("since"), "'since' is given, but neither 'url' nor 'query' has '{since}', so the source would give everything each time.");
        if (uses && since is null && s.Node("since") is null) s.Error(s.Map, "'{since}' needs 'since': the column whose greatest value goes there, and a first value, such as 'since: { column: updated, first: \"2001-01-01\" }'.");
        if (since is not null && format is not (SourceFormat.Json or SourceFormat.Jsonl)) s.Error(s.At("since"), "'since' needs 'format: json' or 'jsonl', whose rows are read on the way.");
        return name is null || url is null || format is null ? null
            : new HttpSource { Name = name, Url = url.Text, Format = format.Value, Items = s.Text("items"), Headers = headers, Query = query, Paging = paging, Retry = Retry(), Since = since };
    }

    private FolderSource? Folder(string? name)
    {
        var path = s.Scalar("path", "a folder");
        if (s.Node("path") is null) s.Missing("path", "a folder, relative to the workspace or absolute");
        return name is null || path is null ? null : new FolderSource
        {
            Name = name, Path = Path.GetFullPath(path.Text, root), Pattern = s.Text("pattern") ?? "**/*", Rests = s.Duration("rests", zero: true) ?? TimeSpan.FromSeconds(30),
        };
    }

    private ContainerSource? Container(string? name)
    {
        var (account, connection) = (s.Text("account"), Reference("connection"));
        if (account is null == s.Node("connection") is null) s.Error(s.Map, "a container takes exactly one of 'account' (reached with the machine's identity) and 'connection' (env:NAME of a connection string).");
        var container = s.Scalar("container", "the name of a container");
        if (s.Node("container") is null) s.Missing("container", "the name of a container");
        var prefix = s.Text("prefix") ?? "";
        return name is null || container is null ? null : new ContainerSource
        {
            Name = name, Account = account, Connection = connection, Container = container.Text, Prefix = prefix.Length == 0 || prefix.EndsWith('/') ? prefix : prefix + "/", Pattern = s.Text("pattern") ?? "**/*",
        };
    }

    private SqlSource? Sql(string? name)
    {
        var provider = s.Scalar("provider", "the name of an ADO.NET provider");
        if (s.Node("provider") is null) s.Missing("provider", "the name of an ADO.NET provider, such as 'postgres' or 'sqlite'");
        var connection = Reference("connection");
        if (s.Node("connection") is null) s.Missing("connection", "where the connection string is, such as 'env:SHOP_DB'");
        var query = s.Scalar("query", "an SQL query");
        if (s.Node("query") is null) s.Missing("query", "an SQL query");
        if (query is not null && Fault(query.Text) is { } fault) s.Error(query, fault);
        var since = Since();
        var uses = query is not null && SinceParameter().IsMatch(query.Text);
        if (since is not null && !uses && query is not null) s.Error(s.At("since"), "'since' is given, but the query has no '@since', so it would give everything each time.");
        if (uses && since is null && s.Node("since") is null) s.Error(query!, "'@since' needs 'since': the column whose greatest value goes there, and a first value, such as 'since: { column: id, first: 0 }'.");
        return name is null || provider is null || connection is null || query is null ? null
            : new SqlSource { Name = name, Provider = provider.Text, Connection = connection, Query = query.Text.Trim().TrimEnd(';'), Since = since, Retry = Retry() };
    }

    // The database refuses to write anyway (read-only transaction); this says so before it is asked.
    internal static string? Fault(string query)
    {
        var bare = Quoted().Replace(query, " ").Trim().TrimEnd(';').TrimEnd();
        if (bare.Contains(';')) return "the query has more than one statement; one SELECT is expected.";
        return Reads().IsMatch(bare) ? null : "the query does not read: it must begin with SELECT, WITH, VALUES or TABLE.";
    }

    private void Address(YamlScalar url)
    {
        var sample = Placeholders.Fill(url.Text, new PullPeriod("2001-01-01", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), "0", Uri.EscapeDataString);
        if (!Uri.TryCreate(sample, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) s.Error(url, "'url' must be an absolute http(s) address.");
        else if (address.UserInfo.Length > 0) s.Error(url, "'url' holds a user or a password; put them into 'headers', by reference: 'authorization: Basic env:NAME'.");
        else if (address.Query.TrimStart('?').Split('&').Select(p => p.Split('=')[0]).FirstOrDefault(IsSensitive) is { Length: > 0 } secret) s.Error(url, $"'url' holds what looks like a secret in '{secret}'; put it into 'query', by reference: '{secret}: env:NAME'.");
        Known(url, url.Text);
    }

    private void Known(YamlNode at, string text)
    {
        foreach (var (word, format, whole) in Placeholders.In(text))
        {
            if (word is not ("period" or "since")) s.Error(at, $"there is no placeholder '{whole}'.{Suggest.Hint(word, ["period", "since"])}");
            else if (format is not null && (word == "since" || !IsFormat(format))) s.Error(at, $"'{whole}' has a format that cannot be used; '{{period:yyyyMMdd}}' is one that can.");
        }
    }

    private static bool IsFormat(string format)
    {
        try
        {
            return DateTime.UnixEpoch.ToString(format, CultureInfo.InvariantCulture).Length > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private Dictionary<string, SecretText> Values(string key)
    {
        var values = new Dictionary<string, SecretText>(StringComparer.OrdinalIgnoreCase);
        if (s.MapOf(key, $"a mapping of names to values, such as '{{ accept: text/csv, x-api-key: env:SHOP_KEY }}'") is not { } map) return values;
        foreach (var (name, value) in map.Entries)
        {
            if (value is not YamlScalar text || text.Text.Any(char.IsControl)) s.Error(value, $"'{name.Text}' must be a text on one line.");
            else
            {
                var parsed = SecretText.Parse(text.Text);
                // The value is not repeated: it may be the secret itself.
                if (parsed.Secret is null && IsSensitive(name.Text)) s.Error(text, $"'{name.Text}' must be a reference, 'env:NAME' or 'vault:VAULT/NAME' (after 'Bearer ' or the like where needed), never the secret itself.");
                else if (!values.TryAdd(name.Text, parsed)) s.Error(name, $"'{name.Text}' is given twice.");
                if (key == "headers" && !Token().IsMatch(name.Text)) s.Error(name, $"'{name.Text}' cannot be the name of a header.");
                if (parsed.Literal is not null) Known(text, parsed.Literal);
            }
        }

        return values;
    }

    private static bool IsSensitive(string name) => Sensitive.Any(w => w.Length > 3 ? name.Contains(w, StringComparison.OrdinalIgnoreCase)
        : name.Split('-', '_', '.').Any(p => p.Equals(w, StringComparison.OrdinalIgnoreCase)) || (w == "key" && name.EndsWith(w, StringComparison.OrdinalIgnoreCase)));

    private SecretReference? Reference(string key)
    {
        if (s.Scalar(key, "a reference such as env:NAME") is not { } text) return null;
        if (SecretReference.Parse(text.Text) is { } reference) return reference;
        s.Error(text, $"'{key}' says where the connection string is, 'env:NAME' or 'vault:VAULT/NAME', never the string itself.");
        return null;
    }

    private SinceSettings? Since()
    {
        if (s.MapOf("since", "'{ column: updated, first: \"2001-01-01\" }'") is not { } map) return null;
        var since = new Section(map, "since", s.File, problems);
        var (column, first) = (since.Text("column"), since.Text("first"));
        if (since.Node("column") is null) since.Missing("column", "the column of the rows that only grows");
        if (since.Node("first") is null) since.Missing("first", "the value for the first pull, such as 0 or \"2001-01-01\"");
        return column is null || first is null ? null : new SinceSettings(column, first);
    }

    private RetrySettings Retry()
    {
        if (s.MapOf("retry", "'{ attempts: 4, first: 1s, longest: 30s }'") is not { } map) return new RetrySettings();
        var retry = new Section(map, "retry", s.File, problems);
        var standard = new RetrySettings();
        var settings = new RetrySettings { Attempts = Whole(retry, "attempts", 0, 20) ?? standard.Attempts, First = retry.Duration("first") ?? standard.First, Longest = retry.Duration("longest") ?? standard.Longest };
        if (settings.Longest < settings.First) retry.Error(retry.Map, "'longest' is shorter than 'first'.");
        return settings;
    }

    private SourceLimit Limit()
    {
        if (s.MapOf("limit", "'{ requests: 60, per: 1m, concurrency: 1 }'") is not { } map) return new SourceLimit();
        var limit = new Section(map, "limit", s.File, problems);
        if (limit.Node("per") is not null && limit.Node("requests") is null) limit.Error(limit.At("per"), "'per' without 'requests': say how many.");
        return new SourceLimit
        {
            Requests = Whole(limit, "requests", 1, 1000), Per = limit.Duration("per") ?? TimeSpan.FromSeconds(1), Concurrency = Whole(limit, "concurrency", 1, 100) ?? 1, Share = limit.Node("share") is null ? null : limit.Name("share"),
        };
    }

    private PagingSettings? Paging(SourceFormat? format)
    {
        if (s.MapOf("paging", "'{ by: link }'") is not { } map) return null;
        var p = new Section(map, "paging", s.File, problems);
        var by = p.Choice<PagingKind>("by");
        if (p.Node("by") is null) p.Missing("by", $"one of {Section.Choices<PagingKind>()}");
        if (format == SourceFormat.Parquet) p.Error(map, "Parquet cannot come in pages; ask for one file.");
        if (by is null) return null;
        Needs("field", by is PagingKind.Field or PagingKind.Cursor, "the path of the field in the answer that leads on, such as 'meta.next'");
        Needs("parameter", by is PagingKind.Page or PagingKind.Offset or PagingKind.Cursor, "the name of the query parameter");
        if (by is PagingKind.Field or PagingKind.Cursor && format is not (null or SourceFormat.Json)) p.Error(p.At("by"), $"'by: {by.ToString()!.ToLowerInvariant()}' needs 'format: json'.");
        if (by == PagingKind.Offset && p.Node("size") is null) p.Missing("size", "how many rows a page has: the offset grows by the rows that came, and 'size' tells the last page");
        if (p.Node("sizeParameter") is not null && p.Node("size") is null) p.Error(p.At("sizeParameter"), "'sizeParameter' without 'size'.");
        return new PagingSettings
        {
            By = by.Value, Field = p.Text("field"), Parameter = p.Text("parameter"), First = Whole(p, "first", 0, int.MaxValue) ?? (by == PagingKind.Page ? 1 : 0), Size = Whole(p, "size", 1, 1_000_000),
            SizeParameter = p.Text("sizeParameter"), MaxPages = Whole(p, "maxPages", 1, 1_000_000) ?? 10_000,
        };

        void Needs(string key, bool needed, string expected)
        {
            if (needed && p.Node(key) is null) p.Missing(key, expected);
            if (!needed && p.Node(key) is not null) p.Error(p.At(key), $"'{key}' does not go with 'by: {by.ToString()!.ToLowerInvariant()}'.");
        }
    }

    private static int? Whole(Section section, string key, int min, int max)
    {
        if (section.Number(key, min, max) is not { } number) return null;
        if (number == Math.Floor(number)) return (int)number;
        section.Error(section.At(key), $"'{key}' must be a whole number.");
        return null;
    }

    private long? Size(string key)
    {
        if (s.Scalar(key, "a size such as 500MB") is not { } text) return null;
        if (Sizes().Match(text.Text) is { Success: true } m && long.TryParse(m.Groups[1].Value, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 1_000_000)
        {
            return count << m.Groups[2].Value switch { "KB" => 10, "MB" => 20, _ => 30 };
        }

        s.Error(text, $"'{key}' must be a size such as 500MB or 2GB, not '{text.Text}'.");
        return null;
    }

    private static SourceFormat? FormatOf(string url)
    {
        var path = url.Split('?', '#')[0];
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) path = path[..^3];
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => SourceFormat.Csv, ".tsv" => SourceFormat.Tsv, ".jsonl" or ".ndjson" => SourceFormat.Jsonl, ".json" => SourceFormat.Json, ".parquet" => SourceFormat.Parquet, _ => null,
        };
    }

    [GeneratedRegex(@"(?<![\w@])@since\b", RegexOptions.IgnoreCase)]
    private static partial Regex SinceParameter();

    // Strings, quoted names, comments: a semicolon in them ends nothing.
    [GeneratedRegex(@"'(?:[^']|'')*'|""(?:[^""]|"""")*""|--[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\(*\s*(select|with|values|table)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Reads();

    [GeneratedRegex("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    private static partial Regex Token();

    [GeneratedRegex(@"^(\d{1,7})\s?(KB|MB|GB)$")]
    private static partial Regex Sizes();
}
