using Serverless.Models;

namespace Serverless.Training;

/// <summary>What a model file may ask of its trainer besides numbers: class weights, early stopping, an objective.</summary>
internal static class TrainerRules
{
    public static IEnumerable<(string Message, (int Line, int Column) At)> Problems(ModelDefinition model, TrainerDescription trainer)
    {
        var stated = model.Trainer;
        if (trainer.Name == KnownTrainers.Onnx.Name && (model.Retrain.Schedule is not null || model.Retrain.OnNewData || model.Retrain.OnDrift))
        {
            yield return ("trainer 'onnx' is for models that are imported, so there is nothing to retrain; take 'retrain' out", (stated.Line, stated.Column));
        }

        if (trainer.Name != KnownTrainers.Onnx.Name && model.Onnx is not null) yield return ($"'onnx' is for trainer 'onnx'; this model has trainer '{trainer.Name}'", (stated.Line, stated.Column));
        if (stated.ClassWeights is { } weights && ClassWeights(model, trainer, weights) is { } wrong) yield return (wrong, (weights.Line, weights.Column));
        if (stated.EarlyStopping is { } stopping && !trainer.Traits.EarlyStopping)
        {
            yield return ($"trainer '{trainer.Name}' cannot stop early; these can: {Names(t => t.Traits.EarlyStopping)}", (stopping.Line, stopping.Column));
        }

        if (model.Task != TaskKind.Regression && stated.Parameters.TryGetValue("objective", out var objective) && objective.Text != "auto"
            && trainer.Hyperparameters.FirstOrDefault(h => h.Name == "objective")?.Choices is { } words && words.Contains(objective.Text))
        {
            yield return ($"'objective: {objective.Text}' is for regression; {model.Task.ToString().ToLowerInvariant()} has one objective, so leave it out", (objective.Line, objective.Column));
        }

        if (stated.Parameters.TryGetValue("objective", out var quantile) && quantile.Text == "quantile" && stated.Parameters.TryGetValue("alpha", out var alpha)
            && double.TryParse(alpha.Text, System.Globalization.CultureInfo.InvariantCulture, out var level) && level >= 1)
        {
            yield return ($"'alpha: {alpha.Text}' is no quantile; with 'objective: quantile' it must be below 1", (alpha.Line, alpha.Column));
        }
    }

    private static string? ClassWeights(ModelDefinition model, TrainerDescription trainer, ClassWeightsDefinition weights)
    {
        if (model.Task == TaskKind.Regression) return "'classWeights' is for tasks with classes; regression has none";
        if (!trainer.Traits.RowWeights) return $"trainer '{trainer.Name}' cannot weigh classes; these can: {Names(t => t.Traits.RowWeights && t.Tasks.Contains(model.Task))}";
        if (model.Task != TaskKind.Binary) return null;
        var unknown = weights.ByClass?.Keys.FirstOrDefault(k => k is not ("true" or "false"));
        return unknown is null ? null : $"'classWeights' names '{unknown}'; the classes of a binary model are true and false";
    }

    private static string Names(Func<TrainerDescription, bool> which) => string.Join(", ", KnownTrainers.All.Where(which).Select(t => t.Name).Order(StringComparer.Ordinal));
}
