using Serverless.Datasets;
using Serverless.Models;

namespace Serverless.Training;

/// <summary>A trainer and hyperparameters that stand in for those of the model file, as the file would write them.</summary>
/// <param name="Settings">By hyperparameter; what is not named is as the file has it where it has the same trainer, else the trainer's default.</param>
/// <param name="StopsEarly">The trainer can stop early; the file's <c>earlyStopping</c> is dropped where it cannot.</param>
public sealed record TrainerSettings(string Trainer, IReadOnlyDictionary<string, string> Settings, bool StopsEarly)
{
    /// <summary>The model with these settings. Seed and class weights stay the file's.</summary>
    public ModelDefinition ApplyTo(ModelDefinition model)
    {
        var stated = model.Trainer;
        var parameters = stated.Name == Trainer ? new Dictionary<string, Parameter>(stated.Parameters) : [];
        foreach (var (name, value) in Settings) parameters[name] = new Parameter([value], false, stated.Line, stated.Column);
        return model with { Trainer = stated with { Name = Trainer, Parameters = parameters, EarlyStopping = StopsEarly ? stated.EarlyStopping : null } };
    }

    /// <summary>The line of a model file that says the same.</summary>
    public string Yaml(ModelDefinition model)
    {
        var applied = ApplyTo(model).Trainer;
        string[] parts =
        [
            $"name: {Trainer}", .. applied.Parameters.Select(p => $"{p.Key}: {p.Value.Text}"), $"seed: {applied.Seed}",
            .. applied.ClassWeights is { } weights ? [$"classWeights: {(weights.ByClass is null ? "balanced" : $"{{ {weights} }}")}"] : Array.Empty<string>(),
            .. applied.EarlyStopping is { } stopping ? [$"earlyStopping: {{ {stopping} }}"] : Array.Empty<string>(),
        ];
        return $"trainer: {{ {string.Join(", ", parts)} }}";
    }
}

/// <summary>Settings that a search found, and where.</summary>
/// <param name="Search">The search's run.</param>
/// <param name="Trial">The trial's run.</param>
/// <param name="Settings">Null = the model file's own were the best.</param>
public sealed record FoundSettings(string Search, string Trial, TrainerSettings? Settings)
{
    /// <summary>The model file with what was found in it; the file itself where nothing was.</summary>
    public static ModelDefinition Apply(FoundSettings? found, ModelDefinition model) => found?.Settings?.ApplyTo(model) ?? model;
}
