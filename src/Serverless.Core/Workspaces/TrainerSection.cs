using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The <c>trainer</c> of a model file: <c>lightgbm</c>, or <c>{ name: lightgbm, leaves: 31, classWeights: balanced, earlyStopping: { rounds: 20 } }</c>.</summary>
internal static class TrainerSection
{
    private const string DefaultTrainer = "lightgbm";
    private const int DefaultSeed = 42;
    private const int DefaultRounds = 20;
    private const double DefaultShare = 0.2;

    public static TrainerDefinition Read(Section parent, ProblemLog problems)
    {
        var none = new Dictionary<string, Parameter>();
        switch (parent.Node("trainer"))
        {
            case null: return new TrainerDefinition(DefaultTrainer, none, DefaultSeed, parent.Map.Line, parent.Map.Column);
            case YamlScalar word: return new TrainerDefinition(word.Text, none, DefaultSeed, word.Line, word.Column);
            case YamlMap map:
                var s = new Section(map, "trainer", parent.File, problems, open: true);
                var name = s.Scalar("name", "the name of a trainer");
                var seed = s.Number("seed", 0, int.MaxValue);
                if (seed is not null && seed != Math.Floor(seed.Value)) s.Error(s.At("seed"), "'seed' must be a whole number.");
                var at = name ?? (YamlNode)map;
                return new TrainerDefinition(name?.Text ?? DefaultTrainer, s.Others(), (int)(seed ?? DefaultSeed), at.Line, at.Column)
                {
                    ClassWeights = ClassWeights(s), EarlyStopping = EarlyStopping(s, problems),
                };
            case { } other:
                parent.Error(other, "'trainer' must be a name or a mapping, such as '{ name: lightgbm, leaves: 31 }'.");
                return new TrainerDefinition(DefaultTrainer, none, DefaultSeed, other.Line, other.Column);
        }
    }

    private static ClassWeightsDefinition? ClassWeights(Section s)
    {
        const string Expected = "'balanced', or a weight for each class, such as '{ true: 5, false: 1 }'";
        switch (s.Node("classWeights"))
        {
            case null: return null;
            case YamlScalar { Text: "balanced" } word: return new ClassWeightsDefinition(null, word.Line, word.Column);
            case YamlMap { Entries.Count: > 0 } map:
                var weights = new Dictionary<string, double>(StringComparer.Ordinal);
                foreach (var (key, value) in map.Entries)
                {
                    if (value is YamlScalar scalar && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && double.IsFinite(weight) && weight > 0) weights[key.Text] = weight;
                    else s.Error(value, $"the weight of class '{key.Text}' must be a number above 0{(value is YamlScalar text ? $", not '{text.Text}'" : "")}.");
                }

                return new ClassWeightsDefinition(weights, map.Line, map.Column);
            case { } other:
                s.Error(other, $"'classWeights' must be {Expected}.");
                return null;
        }
    }

    private static EarlyStoppingDefinition? EarlyStopping(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("earlyStopping", "a mapping, such as '{ rounds: 20, share: 0.2 }'") is not { } map) return null;
        var s = new Section(map, "earlyStopping", parent.File, problems);
        var rounds = s.Number("rounds", 1, 100_000) ?? DefaultRounds;
        if (rounds != Math.Floor(rounds)) s.Error(s.At("rounds"), "'rounds' must be a whole number.");
        return new EarlyStoppingDefinition((int)rounds, s.Number("share", 0.01, 0.9) ?? DefaultShare, s.Node("refit") is null || s.Flag("refit"), map.Line, map.Column);
    }
}
