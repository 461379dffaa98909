using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The <c>features</c> of a model file: <c>hour: date.Hour</c> or <c>origin: { from: origin, encode: one-hot }</c>.</summary>
internal static partial class FeatureSection
{
    public static List<FeatureDefinition> Read(Section parent, ProblemLog problems)
    {
        const string Expected = "features by name, such as 'hour: date.Hour'";
        var features = new List<FeatureDefinition>();
        if (parent.MapOf("features", Expected) is not { } map)
        {
            if (parent.Node("features") is null) parent.Missing("features", Expected);
            return features;
        }

        if (map.Entries.Count == 0) parent.Error(map, "'features' is empty: a model needs at least one.");
        foreach (var (key, value) in map.Entries)
        {
            if (!Name().IsMatch(key.Text)) parent.Error(key, $"'{key.Text}' cannot be a feature name: use letters, digits, _ . and -, at most 64, beginning with a letter or _.");
            if (Feature(key, value, parent, problems) is { } feature) features.Add(feature);
        }

        return features;
    }

    private static FeatureDefinition? Feature(YamlScalar key, YamlNode value, Section parent, ProblemLog problems)
    {
        switch (value)
        {
            case YamlScalar { IsNull: false } text:
                return new FeatureDefinition { Name = key.Text, From = new ExpressionText(text.Text, text.Line, text.Column) };
            case YamlMap map:
                if (LookupSection.KindOf(map) is { } kind) return Lookup(key, new Section(map, kind, parent.File, problems), kind);
                var s = new Section(map, "feature", parent.File, problems);
                var from = s.Scalar("from", "an expression over columns") ?? key; // without 'from': the column of the same name
                var (missing, constant) = Missing(s);
                var settings = Settings(s);
                return new FeatureDefinition
                {
                    Name = key.Text, From = new ExpressionText(from.Text, from.Line, from.Column),
                    // Who says where bins end need not say that there are some.
                    Encode = s.Choice<FeatureEncoding>("encode") ?? (settings.ContainsKey("bins") || settings.ContainsKey("edges") ? FeatureEncoding.Bins : FeatureEncoding.Auto),
                    Missing = missing, MissingValue = constant, Indicator = s.Flag("indicator"), Scale = s.Choice<FeatureScale>("scale") ?? FeatureScale.Auto, Log = Log(s), Settings = settings,
                };
            default:
                parent.Error(value, $"feature '{key.Text}' must be an expression, such as 'date.Hour', or '{{ from: <expression>, encode: one-hot }}'.");
                return null;
        }
    }

    private static FeatureDefinition? Lookup(YamlScalar key, Section s, string kind)
    {
        var (missing, constant) = Missing(s);
        var encode = s.Choice<FeatureEncoding>("encode") ?? FeatureEncoding.Auto;
        return LookupSection.Read(s, key, kind) is not { } request ? null : new FeatureDefinition
        {
            Name = key.Text, From = new ExpressionText(key.Text, key.Line, key.Column), Request = request,
            Encode = encode, Missing = missing, MissingValue = constant, Indicator = s.Flag("indicator"), Scale = s.Choice<FeatureScale>("scale") ?? FeatureScale.Auto, Log = Log(s),
        };
    }

    private static (MissingHandling Handling, double? Constant) Missing(Section s)
    {
        if (s.Scalar("missing", "a word or a number") is not { } scalar) return (MissingHandling.Auto, null);
        if (double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return (MissingHandling.Value, number);
        string[] words = ["auto", "keep", "mean", "median", "most-frequent", "category"];
        if (words.Contains(scalar.Text)) return (Enum.Parse<MissingHandling>(scalar.Text.Replace("-", ""), ignoreCase: true), null);
        var close = Suggest.Closest(scalar.Text, words) is { } c ? $" Did you mean '{c}'?" : "";
        s.Error(scalar, $"'missing' cannot be '{scalar.Text}'.{close} Allowed: {string.Join(", ", words)}, or a number.");
        return (MissingHandling.Auto, null);
    }

    private static Dictionary<string, Parameter> Settings(Section s)
    {
        var settings = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var key in FeatureEncoders.SettingNames)
        {
            if (s.Setting(key) is { } value) settings[key] = value;
        }

        return settings;
    }

    private static LogScale Log(Section s)
    {
        if (s.Scalar("log", "true, false or signed") is not { } scalar) return LogScale.None;
        if (bool.TryParse(scalar.Text, out var natural)) return natural ? LogScale.Natural : LogScale.None;
        if (scalar.Text == "signed") return LogScale.Signed;
        s.Error(scalar, $"'log' cannot be '{scalar.Text}'. Allowed: true (ln(1 + x), for numbers from 0), signed (also for negative ones), false.");
        return LogScale.None;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
