using System.Globalization;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The section <c>rollout</c> of a model file: a kind, or a mapping with the terms of its kind. What guards take, the guards judge later.</summary>
internal static class RolloutSection
{
    public static RolloutDefinition Read(Section parent, ProblemLog problems)
    {
        switch (parent.Node("rollout"))
        {
            case null: return new RolloutDefinition();
            case YamlScalar word:
                var kind = parent.Choice<RolloutKind>("rollout", word) ?? RolloutKind.None;
                if (kind == RolloutKind.Pilot) parent.Error(word, "a pilot needs its users or groups: '{ kind: pilot, users: [...], groups: [...] }'.");
                return new RolloutDefinition { Kind = kind, Line = word.Line };
            case YamlMap map: return Terms(map, parent.File, problems);
            case { } other:
                parent.Error(other, $"'rollout' must be a kind or a mapping, such as '{{ kind: none }}'. Kinds: {Section.Choices<RolloutKind>()}.");
                return new RolloutDefinition();
        }
    }

    private static RolloutDefinition Terms(YamlMap map, string file, ProblemLog problems)
    {
        var any = new Section(map, "rollout", file, problems, open: true);
        if (any.Node("kind") is null) any.Missing("kind", $"one of {Section.Choices<RolloutKind>()}");
        if (any.Choice<RolloutKind>("kind") is not { } kind) return new RolloutDefinition();
        var word = kind.ToString().ToLowerInvariant();
        var s = new Section(map, kind == RolloutKind.None ? "rollout" : word, file, problems);
        var terms = new RolloutDefinition { Kind = kind, Line = map.Line };
        terms = kind switch
        {
            RolloutKind.Shadow => terms with { Share = s.Number("share", 0, 100) ?? terms.Share, For = s.Duration("for") },
            RolloutKind.Canary => Canary(s, terms),
            RolloutKind.Pilot => Pilot(s, terms),
            RolloutKind.Ab => Ab(s, terms, problems),
            RolloutKind.Bandit => Bandit(s, terms, problems),
            _ => terms,
        };
        if (kind is not RolloutKind.None) terms = terms with { Guards = s.Node("guards") is null ? null : [.. GuardList.Read(s, problems)] };
        return kind is RolloutKind.None or RolloutKind.Pilot ? terms : Layer(s, terms);
    }

    private static RolloutDefinition Canary(Section s, RolloutDefinition terms)
    {
        var (start, step) = (s.Number("start", 0, 100), s.Number("step", 0, 100));
        if (step == 0 && (start ?? terms.Start) < 100) s.Error(s.At("step"), "'step' must be above 0, else the canary never grows.");
        return terms with { Start = start ?? terms.Start, Step = step ?? terms.Step, Every = s.Duration("every") ?? terms.Every, AtLeast = Whole(s, "atLeast", 0) ?? terms.AtLeast };
    }

    private static RolloutDefinition Pilot(Section s, RolloutDefinition terms)
    {
        var (users, groups) = (s.Texts("users", "a list of subjects") ?? [], s.Texts("groups", "a list of groups") ?? []);
        if (users.Count + groups.Count == 0) s.Error(s.Map, "a pilot needs 'users' or 'groups', else nobody takes part.");
        return terms with { Users = users, Groups = groups, For = s.Duration("for") };
    }

    private static RolloutDefinition Ab(Section s, RolloutDefinition terms, ProblemLog problems)
    {
        terms = Metric(s, terms, problems);
        var effect = s.Number("effect");
        if (effect <= 0) s.Error(s.At("effect"), "'effect' must be above 0: the least difference worth finding.");
        var baseline = s.Number("baseline");
        var deviation = s.Number("deviation");
        if (deviation <= 0) s.Error(s.At("deviation"), "'deviation' must be above 0.");
        if (deviation is null && baseline is <= 0 or >= 1) s.Error(s.At("baseline"), "'baseline' must be between 0 and 1, both excluded, where the metric is a share; state 'deviation' for another metric.");
        return terms with
        {
            Effect = effect > 0 ? effect.Value : terms.Effect, Baseline = baseline, Deviation = deviation, Power = Open(s, "power") ?? terms.Power,
            Confidence = GateSection.Confidence(s) ?? terms.Confidence, Novelty = s.Duration("novelty", zero: true) ?? terms.Novelty, For = s.Duration("for"),
            Reading = s.Choice<ExperimentReading>("reading") ?? terms.Reading, PromoteWinner = s.Node("promoteWinner") is null || s.Flag("promoteWinner"),
        };
    }

    private static RolloutDefinition Bandit(Section s, RolloutDefinition terms, ProblemLog problems)
    {
        terms = Metric(s, terms, problems);
        var discount = s.Number("discount", 0, 1);
        if (discount == 0) s.Error(s.At("discount"), "'discount' must be above 0: 1 forgets nothing, 0.9 counts yesterday nine tenths.");
        var arms = Math.Max(2, terms.Split.Count);
        var floor = s.Number("floor", 0, 100.0 / arms);
        return terms with
        {
            Algorithm = s.Choice<BanditAlgorithm>("algorithm") ?? terms.Algorithm, Epsilon = s.Number("epsilon", 0, 1) ?? terms.Epsilon, Every = s.Duration("every") ?? TimeSpan.FromHours(1),
            Delay = s.Duration("delay", zero: true) ?? terms.Delay, Discount = discount is > 0 ? discount.Value : terms.Discount, Floor = floor ?? terms.Floor,
        };
    }

    private static RolloutDefinition Metric(Section s, RolloutDefinition terms, ProblemLog problems)
    {
        var better = s.Text("better");
        if (better is not (null or "more" or "less")) s.Error(s.At("better"), $"'better' cannot be '{better}'. Allowed: more, less.");
        return terms with { Metric = s.Text("metric"), LessIsBetter = better == "less", Split = Split(s) };
    }

    // { champion: 50, challenger: 50 }: shares that do not add up are refused, not stretched.
    private static IReadOnlyList<SplitPart> Split(Section s)
    {
        if (s.MapOf("split", "a mapping from variants to percent, such as '{ champion: 50, challenger: 50 }'") is not { } map) return [];
        var parts = new List<SplitPart>();
        var good = true;
        foreach (var (key, value) in map.Entries)
        {
            if (key.Text is not ("champion" or "challenger") && !(int.TryParse(key.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
            {
                s.Error(key, $"'{key.Text}' is no variant. Allowed: champion, challenger, or the number of a version.");
                good = false;
            }
            else if (value is YamlScalar scalar && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100) parts.Add(new SplitPart(key.Text, percent));
            else
            {
                s.Error(value, $"the share of '{key.Text}' must be a number above 0 and at most 100.");
                good = false;
            }
        }

        if (!good) return [];
        if (parts.Count < 2) s.Error(map, "'split' needs two variants at least.");
        var sum = parts.Sum(p => p.Percent);
        if (Math.Abs(sum - 100) > 1e-9) s.Error(map, string.Create(CultureInfo.InvariantCulture, $"the shares of 'split' add up to {sum}, not to 100."));
        return parts;
    }

    private static RolloutDefinition Layer(Section s, RolloutDefinition terms)
    {
        var layer = s.Text("layer");
        double from = s.Number("from", 0, 100) ?? 0, to = s.Number("to", 0, 100) ?? 100;
        if (layer is not null && !SafeName.Is(layer)) s.Error(s.At("layer"), $"'{layer}' cannot be a layer: {SafeName.Rule}.");
        if (from >= to) s.Error(s.At("from"), string.Create(CultureInfo.InvariantCulture, $"'from' {from} must be below 'to' {to}, else nobody takes part."));
        return terms with { Layer = layer, From = from, To = to };
    }

    private static long? Whole(Section s, string key, double min)
    {
        if (s.Number(key, min) is not { } value) return null;
        if (value == Math.Floor(value)) return (long)value;
        s.Error(s.At(key), $"'{key}' must be a whole number.");
        return null;
    }

    private static double? Open(Section s, string key)
    {
        if (s.Number(key) is not { } value) return null;
        if (value is > 0 and < 1) return value;
        s.Error(s.At(key), string.Create(CultureInfo.InvariantCulture, $"'{key}' must be between 0 and 1, both excluded, not {value}."));
        return null;
    }
}
