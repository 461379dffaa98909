using Serverless.FeatureViews;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>Features of a model that look into history: <c>{ view: ..., column: ... }</c>, <c>{ lag: ..., by: ..., after: ... }</c>, <c>{ rolling: ..., of: ..., by: ..., over: ... }</c>.</summary>
internal static class LookupSection
{
    private static readonly string[] Kinds = ["view", "lag", "rolling"];

    /// <summary>Name of the section that a feature's mapping is; null when it is an expression.</summary>
    public static string? KindOf(YamlMap map) => Array.Find(Kinds, k => map.Entries.Any(e => e.Key.Text == k)) is { } kind ? kind == "view" ? "lookup" : kind : null;

    /// <summary>What is looked up, as far as the file says; which columns and views there are is asked later.</summary>
    public static LookupRequest? Read(Section s, YamlScalar name, string kind)
    {
        if (name.Text.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_'))
        {
            s.Error(name, $"'{name.Text}' becomes a column, so it cannot have other characters than letters, digits and _.");
            return null;
        }

        var errors = s.Errors;
        switch (kind)
        {
            case "lookup":
                var (view, column) = (s.Scalar("view", "the name of a view"), s.Scalar("column", "a feature of the view"));
                var on = s.MapOf("on", "the view's keys and the columns that hold them, such as '{ airport: origin }'");
                foreach (var entry in on?.Entries.Where(e => e.Value is not YamlScalar { IsNull: false }) ?? []) s.Error(entry.Value, $"'on': key '{entry.Key.Text}' must have the name of a column.");
                return view is null || s.Errors > errors ? null : new LookupRequest
                {
                    Kind = LookupKind.View, View = Text(view), Column = Text(column ?? name),
                    On = on?.Entries.Select(e => (e.Key.Text, Text((YamlScalar)e.Value))).ToArray(),
                };
            case "lag":
                var lag = s.Scalar("lag", "the name of a column");
                var by = By(s);
                return lag is null || by is null || s.Errors > errors ? null : new LookupRequest { Kind = LookupKind.Lag, Column = Text(lag), By = by, After = s.Duration("after", zero: true) ?? TimeSpan.Zero };
            default:
                var function = s.Choice<AggregateFunction>("rolling");
                if (function is AggregateFunction.Last or AggregateFunction.Rate)
                {
                    s.Error(s.At("rolling"), $"'rolling' cannot be '{function.ToString()!.ToLowerInvariant()}'. Allowed: count, mean, sum, min, max, stddev; the newest value is a 'lag', a rate is a feature of a view.");
                }

                var of = s.Scalar("of", "the name of a column");
                if (of is null && s.Node("of") is null) s.Missing("of", "the name of a column");
                if (s.Node("over") is null) s.Missing("over", "a duration such as 7d");
                var (over, gap) = (s.Duration("over"), s.Duration("gap", zero: true));
                return By(s) is not { } keys || function is null || of is null || over is null || s.Errors > errors ? null : new LookupRequest
                {
                    Kind = LookupKind.Rolling, Column = Text(of), By = keys, Aggregate = function, Over = over, After = gap ?? TimeSpan.Zero,
                };
        }
    }

    private static ExpressionText[]? By(Section s)
    {
        switch (s.Node("by"))
        {
            case YamlScalar one: return [Text(one)];
            case YamlList { Items.Count: > 0 } list when list.Items.All(i => i is YamlScalar): return [.. list.Items.Cast<YamlScalar>().Select(Text)];
            case null:
                s.Missing("by", "a column or a list of columns: whose earlier values these are");
                return null;
            case { } other:
                s.Error(other, "'by' must be a column or a list of columns.");
                return null;
        }
    }

    private static ExpressionText Text(YamlScalar scalar) => new(scalar.Text, scalar.Line, scalar.Column);
}
