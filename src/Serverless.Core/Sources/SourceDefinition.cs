using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.Secrets;

namespace Serverless.Sources;

/// <summary>Where a dataset's rows are fetched from, as <c>sources</c> of its file states it. What a kind needs besides stands in its own record.</summary>
public abstract record SourceDefinition
{
    public required string Name { get; init; }

    /// <summary>Name of the kind: which <see cref="ISourceReader"/> fetches.</summary>
    public abstract string Kind { get; }

    /// <summary>Five cron fields, UTC; null = only on request, and while data are late.</summary>
    public string? Schedule { get; init; }

    /// <summary>Which period <c>{period}</c> is: the last complete one before the pull, or the one that it falls into.</summary>
    public PeriodChoice Period { get; init; }

    /// <summary>What a drop does to an earlier one of the same source; null = what fits the source.</summary>
    public PullMode? Mode { get; init; }

    public SourceLimit Limit { get; init; } = new();

    /// <summary>Longest time that one request or query may take, its answer included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most bytes that one pull may bring.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Where it stands in the dataset's file, for messages.</summary>
    public int Line { get; init; }

    public int Column { get; init; }

    /// <summary>Each period is pulled for itself.</summary>
    public virtual bool ByPeriod => false;

    /// <summary>A drop adds to what came before, because the source gives only what is new.</summary>
    public virtual bool Incremental => false;

    public bool Appends => (Mode ?? (Incremental ? PullMode.Append : PullMode.Replace)) == PullMode.Append;
}

public enum PeriodChoice { Previous, Current }

public enum PullMode { Replace, Append }

/// <summary>How hard a source may be asked, by all processes of one store together.</summary>
public sealed record SourceLimit
{
    /// <summary>Most requests that begin within <see cref="Per"/>; null = no bound.</summary>
    public int? Requests { get; init; }

    public TimeSpan Per { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Most requests at the same time.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Sources with the same word share one limit.</summary>
    public string? Share { get; init; }
}

public enum SourceFormat { Csv, Tsv, Jsonl, Json, Parquet }

/// <summary>Files over HTTP, in one answer or in pages.</summary>
public sealed record HttpSource : SourceDefinition
{
    public override string Kind => "http";

    public required string Url { get; init; }

    public required SourceFormat Format { get; init; }

    /// <summary>JSON: dotted path of the array of rows; null = the answer is the array.</summary>
    public string? Items { get; init; }

    public IReadOnlyDictionary<string, SecretText> Headers { get; init; } = new Dictionary<string, SecretText>();

    public IReadOnlyDictionary<string, SecretText> Query { get; init; } = new Dictionary<string, SecretText>();

    public PagingSettings? Paging { get; init; }

    public RetrySettings Retry { get; init; } = new();

    public SinceSettings? Since { get; init; }

    public override bool ByPeriod => Placeholders.In(Url).Concat(Query.Values.SelectMany(q => Placeholders.In(q.Literal))).Any(p => p.Name == "period");

    public override bool Incremental => Since is not null;
}

/// <summary>Files of a folder of this machine.</summary>
public sealed record FolderSource : SourceDefinition
{
    public override string Kind => "folder";

    /// <summary>Absolute.</summary>
    public required string Path { get; init; }

    /// <summary>A glob below the folder: <c>**/*.csv</c>.</summary>
    public required string Pattern { get; init; }

    /// <summary>A file is taken when it was last written at least so long ago.</summary>
    public TimeSpan Rests { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Blobs of a container.</summary>
public sealed record ContainerSource : SourceDefinition
{
    public override string Kind => "container";

    /// <summary>Storage account, reached with the machine's identity; null when a connection is given.</summary>
    public string? Account { get; init; }

    /// <summary>Where the connection string is.</summary>
    public SecretReference? Connection { get; init; }

    public required string Container { get; init; }

    public string Prefix { get; init; } = "";

    /// <summary>A glob below the prefix.</summary>
    public required string Pattern { get; init; }
}

/// <summary>The rows of a query.</summary>
public sealed record SqlSource : SourceDefinition
{
    public override string Kind => "sql";

    /// <summary>Name of the ADO.NET provider: <c>sqlite</c>, <c>postgres</c>, or one that the host registered.</summary>
    public required string Provider { get; init; }

    public required SecretReference Connection { get; init; }

    public required string Query { get; init; }

    public SinceSettings? Since { get; init; }

    public RetrySettings Retry { get; init; } = new();

    public override bool Incremental => Since is not null;
}

/// <summary>The rows of other datasets of the workspace, put together in SQL (<c>from</c>).</summary>
public sealed record JoinSource : SourceDefinition
{
    public const string KindName = "join";

    public override string Kind => KindName;

    public required string Sql { get; init; }

    /// <summary>Datasets that the SQL names, in ordinal order.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }
}

public enum PagingKind
{
    /// <summary>The header <c>Link: &lt;...&gt;; rel="next"</c> (RFC 8288).</summary>
    Link,

    /// <summary>A field of the answer holds the next address.</summary>
    Field,

    /// <summary>A parameter counts pages until one has no rows.</summary>
    Page,

    /// <summary>A parameter counts rows until a page has none.</summary>
    Offset,

    /// <summary>A field of the answer goes into a parameter of the next request.</summary>
    Cursor,
}

public sealed record PagingSettings
{
    public required PagingKind By { get; init; }

    /// <summary>Field, cursor: dotted path in the answer.</summary>
    public string? Field { get; init; }

    /// <summary>Page, offset, cursor: name of the query parameter.</summary>
    public string? Parameter { get; init; }

    /// <summary>Page, offset: value for the first page.</summary>
    public int First { get; init; }

    /// <summary>Rows of a full page; a page with fewer is the last. Null = ask until a page is empty.</summary>
    public int? Size { get; init; }

    /// <summary>Query parameter that asks for <see cref="Size"/> rows.</summary>
    public string? SizeParameter { get; init; }

    /// <summary>More pages than this are taken for a source that turns in a circle.</summary>
    public int MaxPages { get; init; } = 10_000;
}

/// <summary>How often one request or query is tried: waits are random between nothing and <c>first</c>, doubled each time up to <c>longest</c> (full jitter).</summary>
public sealed record RetrySettings
{
    /// <summary>Tries after the first.</summary>
    public int Attempts { get; init; } = 4;

    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Only what is new: the greatest value of a column so far goes into the next request or query.</summary>
/// <param name="Column">Column of the source's rows.</param>
/// <param name="First">Value for the first pull.</param>
public sealed record SinceSettings(string Column, string First);

/// <summary><c>{period}</c>, <c>{period:yyyyMMdd}</c>, <c>{since}</c> in addresses.</summary>
public static partial class Placeholders
{
    public static IEnumerable<(string Name, string? Format, string Whole)> In(string? text) =>
        text is null ? [] : Pattern().Matches(text).Select(m => (m.Groups[1].Value, m.Groups[2].Success ? m.Groups[2].Value : null, m.Value));

    /// <param name="escape">Applied to each value that is put in.</param>
    public static string Fill(string text, PullPeriod? period, string? since, Func<string, string> escape) => Pattern().Replace(text, m => m.Groups[1].Value switch
    {
        "period" when period is not null => escape(m.Groups[2].Success
            ? period.Start.UtcDateTime.ToString(m.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture) : period.Key),
        "since" => escape(since ?? ""),
        _ => m.Value,
    });

    [GeneratedRegex(@"\{([A-Za-z]+)(?::([^{}]+))?\}")]
    private static partial Regex Pattern();
}

/// <summary>The stretch of time that a pull is about: one of the dataset's partitions.</summary>
public sealed record PullPeriod(string Key, DateTimeOffset Start, DateTimeOffset End)
{
    /// <param name="at">When the pull is, or was scheduled.</param>
    public static PullPeriod Of(DateTimeOffset at, PartitionGrain grain, PeriodChoice choice)
    {
        at = at.ToUniversalTime();
        var start = grain switch
        {
            PartitionGrain.Hour => new DateTimeOffset(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero),
            PartitionGrain.Day => new DateTimeOffset(at.Year, at.Month, at.Day, 0, 0, 0, TimeSpan.Zero),
            _ => new DateTimeOffset(at.Year, at.Month, 1, 0, 0, 0, TimeSpan.Zero),
        };
        if (choice == PeriodChoice.Previous) start = Step(start, -1);
        var format = grain switch { PartitionGrain.Hour => "yyyy-MM-dd'T'HH", PartitionGrain.Day => "yyyy-MM-dd", _ => "yyyy-MM" };
        return new PullPeriod(start.UtcDateTime.ToString(format, System.Globalization.CultureInfo.InvariantCulture), start, Step(start, 1));

        DateTimeOffset Step(DateTimeOffset from, int by) => grain switch
        {
            PartitionGrain.Hour => from.AddHours(by),
            PartitionGrain.Day => from.AddDays(by),
            _ => from.AddMonths(by),
        };
    }
}
