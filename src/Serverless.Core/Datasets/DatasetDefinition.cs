using Serverless.Problems;

namespace Serverless.Datasets;

/// <summary>The contract of a dataset, as <c>datasets/&lt;dataset&gt;.yaml</c> states it.</summary>
public sealed record DatasetDefinition
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required PartitionScheme Partition { get; init; }

    /// <summary>The only columns that are ever stored, in the order of the file.</summary>
    public required IReadOnlyList<ColumnDefinition> Columns { get; init; }

    public IReadOnlyList<CheckDefinition> Checks { get; init; } = [];

    /// <summary>Metrics that are judged against their own history.</summary>
    public IReadOnlyList<AnomalyDefinition> Anomalies { get; init; } = [];

    public ArrivalDefinition? Arrival { get; init; }

    /// <summary>Where rows are fetched from; for a joined dataset the join itself.</summary>
    public IReadOnlyList<Sources.SourceDefinition> Sources { get; init; } = [];

    public Sources.SourceDefinition Source(string name) => Sources.FirstOrDefault(s => s.Name == name)
        ?? throw new RequestException($"dataset '{Name}' has no source '{name}'{Suggest.Ending(name, Sources.Select(s => s.Name))}");

    /// <summary>SHA-256 (first 16 hex digits) over everything above that changes what is stored: the version of the contract.</summary>
    public required string ContractVersion { get; init; }

    /// <summary>The YAML file, relative to the workspace, for messages.</summary>
    public required string File { get; init; }

    public ColumnDefinition Column(string name) => Columns.FirstOrDefault(c => c.Name == name)
        ?? throw new RequestException($"dataset '{Name}' has no column '{name}'.{Suggest.Hint(name, Columns.Select(c => c.Name))}");
}

/// <param name="Column">The timestamp column whose value decides the partition; null = by time of arrival.</param>
public sealed record PartitionScheme(string? Column, PartitionGrain Grain);

public enum PartitionGrain { Hour, Day, Month }

public enum ColumnType
{
    /// <summary>64-bit signed.</summary>
    Integer,

    /// <summary>64-bit floating point.</summary>
    Number,

    String,

    Boolean,

    /// <summary>Microseconds, UTC; a text without offset is taken as UTC.</summary>
    Timestamp,
}

/// <summary>One column of a contract: rows that break it go to quarantine.</summary>
public sealed record ColumnDefinition
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    /// <summary>True: an empty value sends the row to quarantine. False: empty is allowed, and so is the absence of the whole column.</summary>
    public bool Required { get; init; }

    public string? Description { get; init; }

    public string? Unit { get; init; }

    /// <summary>What people call it, by language (en, fr), with its article: "the distance", "la distance". Empty = its name.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>Regular expression (RE2 syntax) that a string must match somewhere; anchor it to match the whole.</summary>
    public string? Pattern { get; init; }

    /// <summary>Allowed values, as text.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>For a timestamp: the format of the text in drops, as strptime writes it. Null = ISO 8601.</summary>
    public string? Format { get; init; }

    /// <summary>How long after the row's time the value is known; <see cref="TimeSpan.MaxValue"/> = some time later. Null: with the row, so that a prediction may read it.</summary>
    public TimeSpan? KnownAfter { get; init; }

    /// <summary>Where it stands in the YAML file, for messages.</summary>
    public int Line { get; init; }
}

public enum Severity { Info, Warning, Error, Critical }

/// <summary>A check as the dataset file states it: a name, a column where it has one, a severity, and the check's own parameters.</summary>
public sealed record CheckDefinition
{
    public required string Check { get; init; }

    public string? Column { get; init; }

    public Severity Severity { get; init; } = Severity.Error;

    /// <summary>SQL condition that limits the rows which are looked at.</summary>
    public string? Where { get; init; }

    /// <summary>The other keys, as written: scalars as text, sequences as lists of text.</summary>
    public IReadOnlyDictionary<string, Parameter> Parameters { get; init; } = new Dictionary<string, Parameter>();

    /// <summary>Where its name stands in the YAML file, for messages.</summary>
    public int Line { get; init; }

    public int LineColumn { get; init; } = 1;

    /// <summary>Where the name of its column stands.</summary>
    public (int Line, int Column) ColumnAt { get; init; }

    /// <summary>Where its condition stands.</summary>
    public (int Line, int Column) WhereAt { get; init; }
}

/// <summary>A value in a YAML file that a check or a trainer gives meaning to, with its position for messages.</summary>
public sealed record Parameter(IReadOnlyList<string> Items, bool IsList, int Line, int Column)
{
    public string Text => Items.Count > 0 ? Items[0] : "";
}

/// <summary>When drops are due, and what to do without them.</summary>
public sealed record ArrivalDefinition
{
    public required TimeSpan Every { get; init; }

    public TimeOnly? Due { get; init; }

    public TimeOnly? Deadline { get; init; }

    public MissingPolicy OnMissing { get; init; } = MissingPolicy.KeepLast;
}

public enum MissingPolicy { KeepLast, Stop, Ignore }
