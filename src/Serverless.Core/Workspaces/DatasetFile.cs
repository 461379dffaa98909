using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>datasets/&lt;dataset&gt;.yaml</c>.</summary>
internal static class DatasetFile
{
    // Columns of the quarantine, and the engine's name for a row's partition.
    private static readonly HashSet<string> Taken = new(StringComparer.OrdinalIgnoreCase) { "_check", "_row", "_line", "_key", "_label", "_part", "_prediction", "_score" };

    /// <summary>The contract, or null when it cannot be made from what the file says (the reasons are in the log).</summary>
    public static DatasetDefinition? Read(YamlMap map, string file, string root, ProblemLog problems)
    {
        var section = new Section(map, "dataset", file, problems);
        var name = section.Name("dataset");
        var columns = Columns(section, problems);
        var partition = Partition(section, columns, problems);
        var checks = section.ListOf("checks", "a list of checks, such as '- { check: size, min: 1 }'")
            .Select(c => Check(c, section, problems)).OfType<CheckDefinition>().ToArray();
        var anomalies = section.ListOf("anomalies", "a list of rules, such as '- { metric: size, strategy: relative-rate, max: 2 }'")
            .Select(a => AnomalySection.Read(a, section, problems)).OfType<AnomalyDefinition>().ToArray();
        var arrival = Arrival(section, problems);
        var sources = SourcesSection.Read(section, root, problems);

        return name is null || partition is null || columns.Count == 0 ? null : new DatasetDefinition
        {
            Name = name,
            Description = section.Text("description"),
            Partition = partition,
            Columns = columns,
            Checks = checks,
            Anomalies = anomalies,
            Arrival = arrival,
            Sources = sources,
            ContractVersion = ContractVersions.Of(partition, columns),
            File = file,
        };
    }

    private static List<ColumnDefinition> Columns(Section section, ProblemLog problems)
    {
        var columns = new List<ColumnDefinition>();
        if (section.MapOf("columns", "columns with their types, such as 'delay: { type: integer }'") is not { } map)
        {
            if (section.Node("columns") is null) section.Missing("columns", "columns with their types, such as 'delay: { type: integer }'");
            return columns;
        }

        // The engine compares column names without regard to case.
        var seen = new Dictionary<string, YamlScalar>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in map.Entries)
        {
            if (key.Text.Length is 0 or > 128 || key.Text.Any(char.IsControl) || key.Text != key.Text.Trim() || Taken.Contains(key.Text))
            {
                section.Error(key, $"'{key.Text}' cannot be a column name: use 1 to 128 printable characters, without spaces at the ends; _check, _row, _line, _key, _label, _part, _prediction and _score are taken.");
            }
            else if (!seen.TryAdd(key.Text, key)) section.Error(key, $"column '{key.Text}' differs from '{seen[key.Text].Text}' (line {seen[key.Text].Line}) only by case.");

            if (Column(key, value, section, problems) is { } column) columns.Add(column);
        }

        if (map.Entries.Count == 0) section.Error(map, "'columns' is empty: only columns that stand here are stored.");
        return columns;
    }

    private static ColumnDefinition? Column(YamlScalar key, YamlNode value, Section parent, ProblemLog problems)
    {
        if (value is YamlScalar { IsNull: false } word)
        {
            return parent.Choice<ColumnType>("type", word) is { } only ? new ColumnDefinition { Name = key.Text, Type = only, Line = key.Line } : null;
        }

        if (value is not YamlMap map)
        {
            parent.Error(value, $"column '{key.Text}' must have a type, such as '{{ type: integer }}'. Allowed: {Section.Choices<ColumnType>()}.");
            return null;
        }

        var s = new Section(map, "column", parent.File, problems);
        var type = s.Choice<ColumnType>("type");
        if (s.Node("type") is null) s.Error(map, $"column '{key.Text}' has no 'type'. Allowed: {Section.Choices<ColumnType>()}.");
        double? min = s.Number("min"), max = s.Number("max");
        if (min > max) s.Error(s.At("min"), string.Create(CultureInfo.InvariantCulture, $"column '{key.Text}': min {min} is greater than max {max}, so no value could pass."));
        var values = s.Texts("values", "a list of allowed values, such as [sun, rain]");
        if (values is { Count: 0 }) s.Error(s.At("values"), $"column '{key.Text}': 'values' is empty, so no value could pass.");
        var column = new ColumnDefinition
        {
            Name = key.Text, Type = type ?? ColumnType.String, Required = s.Flag("required"), Description = s.Text("description"), Unit = s.Text("unit"),
            Labels = LabelsSection.Read(s, "labels", "{ en: the distance, fr: la distance }", problems),
            Min = min, Max = max, Pattern = Pattern(s), Values = values, Format = s.Text("format"), KnownAfter = KnownAfter(s), Line = key.Line,
        };
        if (type is { } known) Fits(s, column, known);
        return type is null ? null : column;
    }

    private static TimeSpan? KnownAfter(Section s)
    {
        if (s.Scalar("knownAfter", "true, or a duration such as 2h") is not { } scalar || scalar.Text == "false") return null;
        return scalar.Text == "true" ? TimeSpan.MaxValue : s.Duration("knownAfter");
    }

    /// <summary>Constraints that say nothing about a column of this type are slips.</summary>
    private static void Fits(Section s, ColumnDefinition column, ColumnType type)
    {
        Only("min", column.Min is not null, type is ColumnType.Integer or ColumnType.Number, "integer and number");
        Only("max", column.Max is not null, type is ColumnType.Integer or ColumnType.Number, "integer and number");
        Only("pattern", column.Pattern is not null, type is ColumnType.String, "string");
        Only("format", column.Format is not null, type is ColumnType.Timestamp, "timestamp");
        Only("values", column.Values is not null, type is ColumnType.String or ColumnType.Integer, "string and integer");
        if (type is ColumnType.Integer && s.Node("values") is YamlList list)
        {
            foreach (var v in list.Items.OfType<YamlScalar>().Where(v => !long.TryParse(v.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
            {
                s.Error(v, $"'{v.Text}' is not an integer.");
            }
        }

        void Only(string key, bool given, bool fits, string types)
        {
            if (given && !fits) s.Error(s.At(key), $"'{key}' applies to {types} columns; '{column.Name}' is {type.ToString().ToLowerInvariant()}.");
        }
    }

    private static string? Pattern(Section s)
    {
        if (s.Scalar("pattern", "a regular expression") is not { } scalar) return null;
        try
        {
            // Without backtracking .NET takes the same language as RE2 (which reads drops): no look-around, no back-references.
            // Both need a group or a backslash, so a pattern that has neither need not wake that engine: it costs a fifth of a server's cold start.
            var plain = scalar.Text.AsSpan().IndexOfAny('(', '\\') < 0;
            _ = new Regex(scalar.Text, RegexOptions.CultureInvariant | (plain ? RegexOptions.None : RegexOptions.NonBacktracking));
            return scalar.Text;
        }
        catch (RegexParseException e)
        {
            s.Error(scalar, $"'pattern' is not a regular expression: {e.Error} at character {e.Offset + 1} of '{scalar.Text}'.");
        }
        catch (NotSupportedException)
        {
            s.Error(scalar, $"'pattern' uses look-around, a back-reference or an atomic group, which RE2 does not have: '{scalar.Text}'.");
        }

        return null;
    }

    private static PartitionScheme? Partition(Section parent, List<ColumnDefinition> columns, ProblemLog problems)
    {
        const string Expected = "'{ column: <timestamp column>, grain: day }' or '{ by: arrival, grain: day }'";
        if (parent.MapOf("partition", Expected) is not { } map)
        {
            if (parent.Node("partition") is null) parent.Missing("partition", Expected);
            return null;
        }

        var s = new Section(map, "partition", parent.File, problems);
        var grain = s.Choice<PartitionGrain>("grain") ?? PartitionGrain.Day;
        var by = s.Scalar("by", "'arrival'");
        if (by is not null && by.Text != "arrival") s.Error(by, $"'by' cannot be '{by.Text}'. Allowed: arrival.");
        if (s.Scalar("column", "the name of a timestamp column") is not { } column)
        {
            if (by is null && s.Node("column") is null) s.Error(map, $"'partition' says neither 'column' nor 'by'; expected {Expected}.");
            return by is null ? null : new PartitionScheme(null, grain);
        }

        if (by is not null) s.Error(by, "'partition' has both 'column' and 'by'; keep one.");
        var found = columns.Find(c => c.Name == column.Text);
        var declared = parent.Node("columns") is YamlMap names && names.Entries.Any(e => e.Key.Text == column.Text);
        if (found is null && !declared && parent.Node("columns") is not null) s.Error(column, $"partition column '{column.Text}' is not among the columns.{Suggest.Hint(column.Text, columns.Select(c => c.Name))}");
        else if (found is not null && found.Type != ColumnType.Timestamp)
        {
            s.Error(column, $"partition column '{column.Text}' is {found.Type.ToString().ToLowerInvariant()}; it must be timestamp.");
        }

        return found is null ? null : new PartitionScheme(column.Text, grain);
    }

    private static CheckDefinition? Check(YamlNode node, Section parent, ProblemLog problems)
    {
        if (node is not YamlMap map)
        {
            parent.Error(node, "a check is a mapping, such as '{ check: size, min: 1 }'.");
            return null;
        }

        var s = new Section(map, "check", parent.File, problems, open: true);
        var name = s.Scalar("check", "the name of a check");
        if (name is null) s.Missing("check", "the name of a check, such as 'completeness'");
        var column = s.Scalar("column", "the name of a column");
        return name is null ? null : new CheckDefinition
        {
            Check = name.Text, Column = column?.Text, Severity = s.Choice<Severity>("severity") ?? Severity.Error, Where = s.Text("where"),
            Parameters = s.Others(), Line = name.Line, LineColumn = name.Column,
            ColumnAt = column is null ? default : (column.Line, column.Column), WhereAt = s.Node("where") is { } where ? (where.Line, where.Column) : default,
        };
    }

    private static ArrivalDefinition? Arrival(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("arrival", "'{ every: 1d, due: \"04:00\" }'") is not { } map) return null;
        var s = new Section(map, "arrival", parent.File, problems);
        if (s.Node("every") is null) s.Missing("every", "a duration such as 1d");
        var arrival = new ArrivalDefinition
        {
            Every = s.Duration("every") ?? TimeSpan.FromDays(1), Due = s.Time("due"), Deadline = s.Time("deadline"),
            OnMissing = s.Choice<MissingPolicy>("onMissing") ?? MissingPolicy.KeepLast,
        };
        if (s.Node("deadline") is not null && s.Node("due") is null) s.Error(s.At("deadline"), "'deadline' without 'due': say when the drop is due first.");
        if (arrival.Every < TimeSpan.FromMinutes(1) && s.Duration("every") is not null) s.Error(s.At("every"), "'every' must be at least 1m.");
        return arrival;
    }
}
