using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>features/&lt;view&gt;.yaml</c>.</summary>
internal static class ViewFile
{
    /// <summary>The view, or null when it cannot be made from what the file says (the reasons are in the log). Whether its columns exist is <see cref="ViewLinks"/>' question.</summary>
    public static ViewDefinition? Read(YamlMap map, string file, ProblemLog problems)
    {
        var s = new Section(map, "view", file, problems);
        var errors = problems.Errors.Count;
        var (name, dataset) = (s.Name("view"), s.Name("dataset"));
        var keys = s.Texts("keys", "a list of columns, such as [origin]");
        if (keys is null) s.Missing("keys", "a list of columns, such as [origin]");
        else if (keys.Count == 0) s.Error(s.At("keys"), "'keys' is empty: say whose values these are, such as [origin].");
        else if (keys.Distinct(StringComparer.Ordinal).Count() < keys.Count) s.Error(s.At("keys"), "'keys' names a column twice.");
        var (time, created) = (s.Scalar("time", "the name of a timestamp column"), s.Scalar("created", "the name of a timestamp column"));
        if (s.Node("time") is null) s.Missing("time", "the column with the time of a value");
        var sql = s.Scalar("sql", "a SELECT over data");
        if (sql is null && s.Node("features") is null && s.Node("sql") is null) s.Error(map, "a view needs 'features' (aggregates by name) or 'sql' with 'columns'.");
        if (sql is not null && s.Node("features") is not null) s.Error(s.At("features"), "a view has 'features' (aggregates) or 'sql', not both.");
        if (sql is null && s.Node("columns") is not null) s.Error(s.At("columns"), "'columns' belongs to 'sql': it says what the query gives.");
        if (sql is not null && s.Node("columns") is null) s.Missing("columns", "what the query gives, such as '{ mean_delay: number }'");
        var features = sql is null ? Aggregates(s, problems) : Columns(s, problems);
        foreach (var twice in features.Where(f => keys?.Contains(f.Name) == true || f.Name == time?.Text || f.Name == created?.Text))
        {
            problems.Error(file, twice.Line, twice.LineColumn, $"feature '{twice.Name}' has the name of a key or time column; give it another.");
        }

        var refresh = s.Cron("refresh", "0 * * * *");
        var ttl = s.Duration("ttl");
        return name is null || dataset is null || keys is null || time is null || features.Count == 0 || problems.Errors.Count > errors ? null : new ViewDefinition
        {
            Name = name, Description = s.Text("description"), Owner = s.Text("owner"), Dataset = dataset, Keys = keys, Time = time.Text, Created = created?.Text, Ttl = ttl,
            Sql = sql is null ? null : new ExpressionText(sql.Text, sql.Line, sql.Column), Features = features, Refresh = refresh, File = file,
            Places = new[] { "dataset", "keys", "time", "created" }.ToDictionary(k => k, k => (s.At(k).Line, s.At(k).Column)),
        };
    }

    private static List<ViewFeature> Aggregates(Section parent, ProblemLog problems)
    {
        var features = new List<ViewFeature>();
        if (parent.MapOf("features", "aggregates by name, such as 'mean_delay_7d: { aggregate: mean, column: delay, over: 7d }'") is not { } map) return features;
        if (map.Entries.Count == 0) parent.Error(map, "'features' is empty: a view needs at least one.");
        foreach (var (key, value) in map.Entries.Where(e => Named(e.Key, parent)))
        {
            if (value is not YamlMap of)
            {
                parent.Error(value, $"feature '{key.Text}' must be a mapping, such as '{{ aggregate: mean, column: delay, over: 7d }}'.");
                continue;
            }

            var s = new Section(of, "aggregate", parent.File, problems);
            if (s.Node("aggregate") is null) s.Missing("aggregate", $"one of {Section.Choices<AggregateFunction>()}");
            var (function, column, condition) = (s.Choice<AggregateFunction>("aggregate"), s.Scalar("column", "the name of a column"), s.Scalar("condition", "an SQL condition"));
            var over = s.Duration("over");
            if (function == AggregateFunction.Rate && condition is null) s.Missing("condition", "the condition whose share is taken, such as 'delay > 15'");
            if (function == AggregateFunction.Rate && column is not null) s.Error(column, "a rate has a 'condition', not a 'column'.");
            if (function is not null and not AggregateFunction.Rate && condition is not null) s.Error(condition, "'condition' belongs to 'aggregate: rate'.");
            if (function is not null and not AggregateFunction.Rate and not AggregateFunction.Count && column is null) s.Missing("column", "the name of the column");
            if (function is not { } known) continue;
            features.Add(new ViewFeature
            {
                Name = key.Text, Type = known == AggregateFunction.Count ? ColumnType.Integer : ColumnType.Number, Aggregate = known, Column = column?.Text, Over = over,
                Condition = condition is null ? null : new ExpressionText(condition.Text, condition.Line, condition.Column), Description = s.Text("description"),
                Line = column?.Line ?? key.Line, LineColumn = column?.Column ?? key.Column,
            });
        }

        return features;
    }

    private static List<ViewFeature> Columns(Section parent, ProblemLog problems)
    {
        var features = new List<ViewFeature>();
        if (parent.MapOf("columns", "types by name, such as '{ mean_delay: number }'") is not { } map) return features;
        foreach (var (key, value) in map.Entries.Where(e => Named(e.Key, parent)))
        {
            var s = value is YamlMap of ? new Section(of, "viewColumn", parent.File, problems) : null;
            if (s is not null && s.Node("type") is null) s.Missing("type", $"one of {Section.Choices<ColumnType>()}");
            var type = s is not null ? s.Choice<ColumnType>("type") : value is YamlScalar { IsNull: false } word ? parent.Choice<ColumnType>("type", word) : null;
            if (s is null && value is not YamlScalar { IsNull: false }) parent.Error(value, $"column '{key.Text}' must have a type. Allowed: {Section.Choices<ColumnType>()}.");
            if (type is { } known) features.Add(new ViewFeature { Name = key.Text, Type = known, Description = s?.Text("description"), Line = key.Line, LineColumn = key.Column });
        }

        return features;
    }

    private static bool Named(YamlScalar key, Section parent)
    {
        if (key.Text.Length is > 0 and <= 64 && (char.IsAsciiLetter(key.Text[0])) && key.Text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return true;
        parent.Error(key, $"'{key.Text}' cannot be a feature of a view: use letters, digits and _, at most 64, beginning with a letter.");
        return false;
    }
}
