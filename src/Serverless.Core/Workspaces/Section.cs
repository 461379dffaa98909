using Cronos;
using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>
/// One mapping of a YAML file with the keys it may have. Each getter returns the value, or the default after logging what is wrong with it, so that one pass
/// over a file finds everything.
/// </summary>
internal sealed class Section
{
    private readonly YamlMap map;
    private readonly string name;
    private readonly ProblemLog problems;
    private readonly IReadOnlyList<string> known;

    /// <param name="name">Name of the section in <see cref="WorkspaceKeys"/>, for messages.</param>
    /// <param name="open">Other keys are allowed; <see cref="Others"/> returns them.</param>
    public Section(YamlMap map, string name, string file, ProblemLog problems, bool open = false)
    {
        this.map = map;
        this.name = name;
        this.problems = problems;
        File = file;
        known = WorkspaceKeys.Of(name);
        if (open) return;
        foreach (var key in map.Entries.Select(e => e.Key).Where(k => !known.Contains(k.Text)))
        {
            var close = Suggest.Closest(key.Text, known) is { } c ? $" Did you mean '{c}'?" : "";
            problems.Error(file, key, $"unknown key '{key.Text}' in {name}.{close} Allowed: {string.Join(", ", known)}.");
        }
    }

    public string File { get; }

    /// <summary>How many errors all files have so far.</summary>
    public int Errors => problems.Errors.Count;

    public YamlMap Map => map;

    /// <summary>The value of a key; null when it is absent or empty.</summary>
    public YamlNode? Node(string key) =>
        map.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value is { } value && value is not YamlScalar { IsNull: true } ? value : null;

    public YamlNode At(string key) => map.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value ?? map;

    public void Error(YamlNode at, string message) => problems.Error(File, at, message);

    public void Warning(YamlNode at, string message) => problems.Warning(File, at, message);

    public void Missing(string key, string expected) => Error(map, $"{name} has no '{key}'; expected {expected}.");

    public YamlScalar? Scalar(string key, string expected)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalar scalar) return scalar;
        Error(node, $"'{key}' must be {expected}, not a {(node is YamlList ? "list" : "mapping")}.");
        return null;
    }

    public string? Text(string key) => Scalar(key, "a text")?.Text;

    /// <summary>A name that becomes part of paths, containers and table keys.</summary>
    public string? Name(string key)
    {
        if (Scalar(key, "a name") is not { } scalar)
        {
            if (Node(key) is null) Missing(key, "a name such as 'flights'");
            return null;
        }

        if (SafeName.Is(scalar.Text)) return scalar.Text;
        Error(scalar, $"'{scalar.Text}' cannot be a {(key == "name" ? key : key + " name")}: {SafeName.Rule}.");
        return null;
    }

    public double? Number(string key, double min = double.NegativeInfinity, double max = double.PositiveInfinity)
    {
        if (Scalar(key, "a number") is not { } scalar) return null;
        if (!double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            Error(scalar, $"'{key}' must be a number, not '{scalar.Text}'.");
            return null;
        }

        if (value >= min && value <= max) return value;
        Error(scalar, $"'{key}' must be {Range(min, max)}, not {scalar.Text}.");
        return null;
    }

    public bool Flag(string key)
    {
        if (Scalar(key, "true or false") is not { } scalar) return false;
        if (bool.TryParse(scalar.Text, out var value)) return value;
        Error(scalar, $"'{key}' must be true or false, not '{scalar.Text}'.");
        return false;
    }

    public TimeSpan? Duration(string key, bool zero = false)
    {
        if (Scalar(key, "a duration") is not { } scalar) return null;
        if (!Durations.TryParse(scalar.Text, out var value)) Error(scalar, $"'{key}' must be a duration such as 30d, 12h, 15m or 90s, not '{scalar.Text}'.");
        else if (value == TimeSpan.Zero && !zero) Error(scalar, $"'{key}' must be longer than zero.");
        else return value;
        return null;
    }

    /// <summary>Five cron fields, UTC.</summary>
    public string? Cron(string key, string example = "0 3 * * *")
    {
        if (Scalar(key, "a cron expression") is not { } scalar) return null;
        if (CronExpression.TryParse(scalar.Text, CronFormat.Standard, out _)) return scalar.Text;
        Error(scalar, $"'{key}' must be a cron expression of five fields in UTC (minute hour day month weekday), such as \"{example}\", not '{scalar.Text}'.");
        return null;
    }

    public TimeOnly? Time(string key)
    {
        if (Scalar(key, "a time of day") is not { } scalar) return null;
        if (TimeOnly.TryParseExact(scalar.Text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return time;
        Error(scalar, $"'{key}' must be a time of day in UTC such as \"04:00\", not '{scalar.Text}'.");
        return null;
    }

    public T? Choice<T>(string key) where T : struct, Enum => Scalar(key, Choices<T>()) is { } scalar ? Choice<T>(key, scalar) : null;

    public T? Choice<T>(string key, YamlScalar scalar) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Word(value) == scalar.Text) return value;
        }

        var close = Suggest.Closest(scalar.Text, Enum.GetValues<T>().Select(Word)) is { } c ? $" Did you mean '{c}'?" : "";
        Error(scalar, $"'{key}' cannot be '{scalar.Text}'.{close} Allowed: {Choices<T>()}.");
        return null;
    }

    public YamlMap? MapOf(string key, string expected)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlMap m) return m;
        Error(node, $"'{key}' must be {expected}.");
        return null;
    }

    public IReadOnlyList<YamlNode> ListOf(string key, string expected)
    {
        if (Node(key) is not { } node) return [];
        if (node is YamlList list) return list.Items;
        Error(node, $"'{key}' must be {expected}.");
        return [];
    }

    public IReadOnlyList<string>? Texts(string key, string expected)
    {
        if (Node(key) is null) return null;
        var items = ListOf(key, expected);
        foreach (var item in items.Where(i => i is not YamlScalar)) Error(item, $"'{key}' must be {expected}.");
        return items.OfType<YamlScalar>().Select(s => s.Text).ToArray();
    }

    /// <summary>The keys that the section does not know itself, as written.</summary>
    public IReadOnlyDictionary<string, Parameter> Others()
    {
        var others = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var entry in map.Entries.Where(e => !known.Contains(e.Key.Text)))
        {
            if (Setting(entry.Key.Text, entry.Value) is { } value) others.Add(entry.Key.Text, value);
        }

        return others;
    }

    /// <summary>The value of a key as written, a scalar or a list of them; null when it is absent.</summary>
    public Parameter? Setting(string key) => Node(key) is { } node ? Setting(key, node) : null;

    private Parameter? Setting(string key, YamlNode node)
    {
        switch (node)
        {
            case YamlScalar s: return new Parameter([s.Text], false, s.Line, s.Column);
            case YamlList l when l.Items.All(i => i is YamlScalar): return new Parameter(l.Items.Cast<YamlScalar>().Select(i => i.Text).ToArray(), true, l.Line, l.Column);
            default:
                Error(node, $"'{key}' must be a value or a list of values.");
                return null;
        }
    }

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    internal static string Choices<T>() where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(Word));

    private static string Range(double min, double max) => (min, max) switch
    {
        (_, double.PositiveInfinity) => string.Create(CultureInfo.InvariantCulture, $"at least {min}"),
        (double.NegativeInfinity, _) => string.Create(CultureInfo.InvariantCulture, $"at most {max}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"between {min} and {max}"),
    };
}
