using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The section <c>search</c> of a model file. Which trainers, hyperparameters and samplers there are is judged later: they know it themselves.</summary>
internal static class SearchSection
{
    private enum Scale { Linear, Log }

    public static SearchDefinition? Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("search", "a mapping, such as '{ budget: { trials: 40 } }'") is not { } map) return null;
        var s = new Section(map, "search", parent.File, problems);
        var (trials, time) = Budget(s, problems);
        var (factor, rungs) = Halving(s, problems);
        var share = s.Number("share", 0.01, 0.9);
        return new SearchDefinition
        {
            Trials = trials, Time = time, Sampler = s.Scalar("sampler", "the name of a sampler, such as tpe") is { } sampler ? Placed(sampler) : new Parameter(["tpe"], false, map.Line, map.Column),
            Seed = Whole(s, "seed", 0, int.MaxValue), Metric = s.Scalar("metric", "the name of a metric") is { } metric ? Placed(metric) : null, Share = share ?? new SearchDefinition().Share,
            Factor = factor ?? new SearchDefinition().Factor, Rungs = rungs ?? new SearchDefinition().Rungs, Parallel = Whole(s, "parallel", 1, SearchDefinition.MostParallel) ?? new SearchDefinition().Parallel,
            Trainers = [.. Trainers(s, problems)], Line = map.Line, Column = map.Column,
        };
    }

    private static (int? Trials, TimeSpan? Time) Budget(Section search, ProblemLog problems)
    {
        const string Expected = "a mapping, such as '{ trials: 40, minutes: 30 }'";
        if (search.Node("budget") is null) search.Missing("budget", Expected);
        if (search.MapOf("budget", Expected) is not { } map) return (null, null);
        var s = new Section(map, "budget", search.File, problems);
        if (s.Node("trials") is null && s.Node("minutes") is null) s.Error(map, "'budget' needs 'trials', 'minutes' or both, such as '{ trials: 40 }'.");
        var minutes = s.Number("minutes");
        if (minutes is <= 0 or > 100_000)
        {
            s.Error(s.At("minutes"), string.Create(CultureInfo.InvariantCulture, $"'minutes' must be above 0 and at most 100000, not {minutes}{(minutes <= 0 ? ": in no time nothing is found" : "")}."));
            minutes = null;
        }

        return (Whole(s, "trials", 1, SearchDefinition.MostTrials), minutes is { } m ? TimeSpan.FromMinutes(m) : null);
    }

    private static (int? Factor, int? Rungs) Halving(Section search, ProblemLog problems)
    {
        if (search.MapOf("halving", "a mapping, such as '{ factor: 3, rungs: 3 }'") is not { } map) return (null, null);
        var s = new Section(map, "halving", search.File, problems);
        return (Whole(s, "factor", 2, 10), Whole(s, "rungs", 1, 6));
    }

    // A name, a list of names, or a mapping from names to what varies.
    private static IEnumerable<SearchedTrainer> Trainers(Section search, ProblemLog problems)
    {
        const string Expected = "a trainer, a list of trainers, or a mapping from trainers to their ranges, such as '{ lightgbm: { leaves: { min: 7, max: 255, scale: log } } }'";
        var found = new List<SearchedTrainer>();
        switch (search.Node("trainers"))
        {
            case null: break;
            case YamlScalar one:
                found.Add(new SearchedTrainer(one.Text, [], one.Line, one.Column));
                break;
            case YamlList { Items.Count: > 0 } list:
                foreach (var item in list.Items)
                {
                    if (item is YamlScalar name) found.Add(new SearchedTrainer(name.Text, [], name.Line, name.Column));
                    else search.Error(item, $"'trainers' must be {Expected}.");
                }

                break;
            case YamlMap { Entries.Count: > 0 } map:
                foreach (var entry in map.Entries)
                {
                    if (entry.Value is YamlScalar { IsNull: true }) found.Add(new SearchedTrainer(entry.Key.Text, [], entry.Key.Line, entry.Key.Column));
                    else if (entry.Value is YamlMap settings) found.Add(new SearchedTrainer(entry.Key.Text, [.. settings.Entries.Select(e => Setting(e.Key, e.Value, search, problems)).OfType<SearchedSetting>()], entry.Key.Line, entry.Key.Column));
                    else search.Error(entry.Value, $"trainer '{entry.Key.Text}' must be a mapping of what varies, such as '{{ leaves: [15, 31, 63] }}', or be left empty for its own ranges.");
                }

                break;
            case { } other:
                search.Error(other, $"'trainers' must be {Expected}.");
                break;
        }

        foreach (var twice in found.GroupBy(t => t.Name).SelectMany(g => g.Skip(1))) problems.Error(search.File, twice.Line, twice.Column, $"trainer '{twice.Name}' is named twice in 'trainers'.");
        return found;
    }

    private static SearchedSetting? Setting(YamlScalar name, YamlNode value, Section search, ProblemLog problems)
    {
        switch (value)
        {
            case YamlScalar { IsNull: false } one: return new SearchedSetting(name.Text, Placed(one), null, name.Line, name.Column);
            case YamlList { Items.Count: > 0 } list when list.Items.All(i => i is YamlScalar):
                return new SearchedSetting(name.Text, new Parameter([.. list.Items.Cast<YamlScalar>().Select(i => i.Text)], true, list.Line, list.Column), null, name.Line, name.Column);
            case YamlMap map:
                var s = new Section(map, "range", search.File, problems);
                foreach (var bound in new[] { "min", "max" }.Where(b => s.Node(b) is null)) s.Missing(bound, "a number");
                double? min = s.Number("min"), max = s.Number("max");
                var log = s.Choice<Scale>("scale") == Scale.Log;
                if (min >= max) s.Error(s.At("min"), string.Create(CultureInfo.InvariantCulture, $"'{name.Text}': min {min} must be below max {max}."));
                else if (log && min <= 0) s.Error(s.At("min"), string.Create(CultureInfo.InvariantCulture, $"'{name.Text}': with 'scale: log' min must be above 0, not {min}."));
                else if (min is { } low && max is { } high) return new SearchedSetting(name.Text, null, new SearchedRange(low, high, log), map.Line, map.Column);
                return null;
            default:
                search.Error(value, $"'{name.Text}' must be a range such as '{{ min: 7, max: 255, scale: log }}', a list of values, or one value.");
                return null;
        }
    }

    private static int? Whole(Section s, string key, int min, int max)
    {
        if (s.Number(key, min, max) is not { } value) return null;
        if (value == Math.Floor(value)) return (int)value;
        s.Error(s.At(key), string.Create(CultureInfo.InvariantCulture, $"'{key}' must be a whole number, not {value}."));
        return null;
    }

    private static Parameter Placed(YamlScalar scalar) => new([scalar.Text], false, scalar.Line, scalar.Column);
}
