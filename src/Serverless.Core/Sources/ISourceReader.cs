using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;

namespace Serverless.Sources;

/// <summary>Fetches from one kind of source. It writes whole files into a folder of this machine or throws: half an answer is no answer.</summary>
public interface ISourceReader
{
    /// <summary><c>http</c>, <c>folder</c>, <c>container</c>, <c>sql</c>, <c>join</c>.</summary>
    string Kind { get; }

    /// <exception cref="SourceException">The source could not be read, after every retry; the message says what and where (page, line, bytes).</exception>
    /// <exception cref="SourceBusyException">The source asked to come back later.</exception>
    Task<Fetched> FetchAsync(FetchRequest request, CancellationToken cancel);
}

/// <summary>What to fetch.</summary>
public sealed record FetchRequest
{
    public required DatasetDefinition Dataset { get; init; }

    public required SourceDefinition Source { get; init; }

    /// <summary>The run, for naming what it brings.</summary>
    public required string Run { get; init; }

    /// <summary>When the pull was asked for: the same at every attempt.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>For sources that are pulled by period.</summary>
    public PullPeriod? Period { get; init; }

    /// <summary>How far the source was read before.</summary>
    public required SourceMark Mark { get; init; }

    /// <summary>Tag of each file that was accepted before, by name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Empty folder of this machine for the files.</summary>
    public required string Folder { get; init; }

    public IProgress<RunProgress>? Progress { get; init; }

    /// <summary>Name in landing: <c>nightly.csv</c>, by period <c>nightly-2001-01-05.csv</c>, and for drops that add <c>nightly-20010106T040000-k3x9q2.csv</c>.</summary>
    public string DropName(string extension)
    {
        var name = Period is null ? Source.Name : $"{Source.Name}-{Period.Key}";
        return Source.Appends ? $"{name}-{AskedAt.UtcDateTime:yyyyMMdd'T'HHmmss}-{Run[(Run.LastIndexOf('-') + 1)..]}{extension}" : name + extension;
    }
}

/// <summary>How far a source was read: kept only once what it brought was accepted.</summary>
public sealed record SourceMark
{
    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Greatest value of the <c>since</c> column so far, as text.</summary>
    public string? Until { get; init; }

    /// <summary>Digest of the settings that the mark belongs to: of another address or query it says nothing.</summary>
    public string? Of { get; init; }
}

/// <summary>What a reader brought.</summary>
public sealed record Fetched
{
    /// <summary>Empty when there was nothing new.</summary>
    public IReadOnlyList<FetchedFile> Files { get; init; } = [];

    /// <summary>To be kept once the files are accepted.</summary>
    public required SourceMark Mark { get; init; }

    /// <summary>Why there is nothing: <c>304 Not Modified</c>, <c>no rows after 42</c>.</summary>
    public string? NothingNew { get; init; }

    /// <summary>What was passed over and why, such as files still being written.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

public sealed record FetchedFile
{
    /// <summary>On this machine.</summary>
    public required string Path { get; init; }

    /// <summary>In landing.</summary>
    public required string Name { get; init; }

    public required DropOrigin Origin { get; init; }

    /// <summary>The drop adds to what an earlier one of the same name brought, instead of correcting it.</summary>
    public bool Append { get; init; }

    /// <summary>The drop is everything there is: partitions of earlier ones that it has no rows for are superseded too.</summary>
    public bool Whole { get; init; }

    /// <summary>For files of a folder: name and tag, kept once the file is accepted.</summary>
    public string? FileName { get; init; }

    public string? FileTag { get; init; }
}

/// <summary>A source could not be read, and trying again at once will not help.</summary>
public sealed class SourceException(string message, Exception? inner = null) : ServerlessException(message, inner);

/// <summary>A source asked for a longer pause than is waited for in one go.</summary>
public sealed class SourceBusyException(TimeSpan after, string message) : ServerlessException(message)
{
    public TimeSpan After { get; } = after;
}
