using System.Globalization;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Search;

/// <summary>The space of a model's search, from what its file states and its trainers propose.</summary>
internal static class SearchSpaces
{
    /// <summary>The trainers that are searched: those stated, or the model's own.</summary>
    public static IReadOnlyList<SearchedTrainer> Trainers(ModelDefinition model) =>
        model.Search is { Trainers: { Count: > 0 } stated } ? stated : [new SearchedTrainer(model.Trainer.Name, [], model.Trainer.Line, model.Trainer.Column)];

    public static SearchSpace Of(ModelDefinition model, Func<string, IReadOnlyList<Hyperparameter>> hyperparameters) =>
        new([.. Trainers(model).Select(t => new TrainerSpace(t.Name, Dimensions(t, hyperparameters(t.Name), model)))]);

    /// <summary>What of one trainer varies or is fixed.</summary>
    public static IReadOnlyList<Dimension> Dimensions(SearchedTrainer trainer, IReadOnlyList<Hyperparameter> known, ModelDefinition model)
    {
        if (trainer.Settings.Count > 0) return [.. trainer.Settings.Select(s => Stated(s, known.First(h => h.Name == s.Name)))];
        // With early stopping the number of iterations finds itself.
        var stops = model.Trainer.EarlyStopping is not null;
        return [.. known.Where(h => h.Search is not null && !(stops && h.Name == "iterations")).Select(h => new NumberDimension(h.Name, h.Search!.Min, h.Search.Max, h.Search.Log, h.Integer))];
    }

    /// <summary>The value of a word or a number as written.</summary>
    public static double Value(Hyperparameter known, string text) =>
        known.Choices is { } words ? words.TakeWhile(w => w != text).Count() : double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Whether a configuration is one that samplers could have drawn.</summary>
    public static bool Contains(SearchSpace space, Configuration configuration) => space.Trainers.FirstOrDefault(t => t.Trainer == configuration.Trainer) is { } trainer
        && trainer.Dimensions.All(d => configuration.Values.TryGetValue(d.Name, out var value) && d switch
        {
            NumberDimension number => value >= number.Min && value <= number.Max,
            ChoiceDimension choice => choice.Values.Contains(value),
            _ => false,
        });

    private static Dimension Stated(SearchedSetting setting, Hyperparameter known) => setting switch
    {
        { Range: { } range } => new NumberDimension(setting.Name, range.Min, range.Max, range.Log, known.Integer),
        { Values: { } values } => new ChoiceDimension(setting.Name, [.. values.Items.Select(v => Value(known, v))]),
        _ => throw new InvalidOperationException($"'{setting.Name}' has neither values nor a range"),
    };
}
