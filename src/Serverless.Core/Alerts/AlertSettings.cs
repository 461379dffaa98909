using Serverless.Datasets;

namespace Serverless.Alerts;

/// <summary>Who is told about what, as <c>alerts:</c> of serverless.yaml states it.</summary>
public sealed record AlertSettings
{
    /// <summary>The channel that is always there: the log of the process.</summary>
    public const string LogChannel = "log";

    /// <summary>Without <c>alerts:</c>: the built-in rule, everything to the log.</summary>
    public static AlertSettings Default { get; } = new();

    /// <summary>By name; <see cref="LogChannel"/> is among them.</summary>
    public IReadOnlyDictionary<string, ChannelDefinition> Channels { get; init; } =
        new Dictionary<string, ChannelDefinition>(StringComparer.Ordinal) { [LogChannel] = new() { Name = LogChannel, Kind = LogChannel } };

    /// <summary>Names of the channels that hear of each severity.</summary>
    public IReadOnlyDictionary<Severity, IReadOnlyList<string>> Routes { get; init; } =
        Enum.GetValues<Severity>().ToDictionary(s => s, _ => (IReadOnlyList<string>)[LogChannel]);

    /// <summary>In the order of the file: a signal belongs to the first rule that takes it.</summary>
    public IReadOnlyList<AlertRule> Rules { get; init; } = [AlertRule.BuiltIn];
}

/// <summary>A way to reach people.</summary>
public sealed record ChannelDefinition
{
    public required string Name { get; init; }

    /// <summary>Name of an <see cref="IAlertChannel"/>: <c>webhook</c>, <c>slack</c>, ...</summary>
    public required string Kind { get; init; }

    /// <summary>The other keys, as written.</summary>
    public IReadOnlyDictionary<string, Parameter> Parameters { get; init; } = new Dictionary<string, Parameter>();

    public int Line { get; init; }

    public int Column { get; init; }
}

/// <summary>Which signals make an alert, and when it fires, repeats and ends.</summary>
public sealed record AlertRule
{
    /// <summary>The rule of a workspace that writes none: every bad signal of warning or worse, one alert for each kind of trouble of a dataset or model.</summary>
    public static AlertRule BuiltIn { get; } = new() { Name = "default" };

    public required string Name { get; init; }

    /// <summary>Kinds that it takes; empty = all.</summary>
    public IReadOnlyList<SignalKind> Kinds { get; init; } = [];

    /// <summary>Globs (<c>*</c>, <c>?</c>) over datasets and models; empty = all.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Globs over names of signals, such as <c>completeness(*)</c>; empty = all.</summary>
    public IReadOnlyList<string> Signals { get; init; } = [];

    /// <summary>Bad signals below it are left alone; they do not fall to a later rule.</summary>
    public Severity AtLeast { get; init; } = Datasets.Severity.Warning;

    /// <summary>Fires when so many...</summary>
    public int Bad { get; init; } = 1;

    /// <summary>...of the last so many looks were bad...</summary>
    public int Of { get; init; } = 1;

    /// <summary>...and it has been bad for at least so long.</summary>
    public TimeSpan For { get; init; }

    /// <summary>Ends after so many good looks in a row.</summary>
    public int Good { get; init; } = 1;

    /// <summary>After people were told of a signal, they are not told of the same one again for so long, unless it became worse.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromHours(6);

    public QuietHours? Quiet { get; init; }

    /// <summary>Instead of the signals' own severity.</summary>
    public Severity? Severity { get; init; }

    public AlertGroup Group { get; init; } = AlertGroup.Kind;

    /// <summary>Instead of the route of the severity; null = the route.</summary>
    public IReadOnlyList<string>? Channels { get; init; }

    /// <summary>True: what it takes makes no alert.</summary>
    public bool Mute { get; init; }
}

/// <summary>What makes one alert, and so one message, instead of several.</summary>
public enum AlertGroup
{
    /// <summary>Each signal name of a dataset or model has an alert of its own.</summary>
    Signal,

    /// <summary>One alert for each kind of trouble of a dataset or model: "flights: 3 checks failed".</summary>
    Kind,

    /// <summary>One alert for each dataset or model.</summary>
    Subject,

    /// <summary>One alert for everything that the rule takes.</summary>
    Rule,
}

/// <summary>When messages wait. A period that begins after it ends goes over midnight and belongs to the day on which it begins.</summary>
public sealed record QuietHours
{
    public required TimeOnly From { get; init; }

    public required TimeOnly To { get; init; }

    /// <summary>Days on which it begins; empty = every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [];

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>True: critical alerts wait too.</summary>
    public bool Critical { get; init; }

    /// <summary>Decided anew from the time of asking, never from a stored end: a clock that jumps cannot make the night endless.</summary>
    public bool Covers(DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, Zone);
        var time = TimeOnly.FromTimeSpan(local.TimeOfDay);
        var begun = local.DayOfWeek;
        var before = (DayOfWeek)(((int)begun + 6) % 7);
        return From < To ? time >= From && time < To && On(begun)
            : From == To ? On(begun) // the whole day
            : (time >= From && On(begun)) || (time < To && On(before));
    }

    private bool On(DayOfWeek day) => Days.Count == 0 || Days.Contains(day);
}
