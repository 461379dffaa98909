using System.Globalization;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

public static partial class FeatureCompiler
{
    /// <summary>Keys of <c>trainer:</c> that are not hyperparameters.</summary>
    private static readonly IReadOnlyList<string> TrainerKeys = Workspaces.WorkspaceKeys.Of("trainer");

    /// <summary>
    /// Everything about a model that can be wrong with its dataset in view: label, features, trainer, hyperparameters, gate. All problems, not the first; each with its place.
    /// </summary>
    /// <param name="trainers">Trainers to know besides those of the product.</param>
    public static IReadOnlyList<Problem> Validate(ModelDefinition model, DatasetDefinition dataset, IReadOnlyList<TrainerDescription>? trainers = null)
    {
        var known = KnownTrainers.All.Concat(trainers ?? []).ToArray();
        var trainer = known.FirstOrDefault(t => t.Name == model.Trainer.Name);
        var schema = SchemaOf(dataset);
        List<Problem> problems = [.. Label(model, schema), .. Features(model, dataset, SchemaOf(model, dataset), trainer), .. Trainer(model, known, trainer), .. Gate(model), .. BusinessMetrics.Validate(model, dataset)];
        return problems;
    }

    private static IEnumerable<Problem> Label(ModelDefinition model, RawSchema schema)
    {
        if (TryCompile(model.Label, schema, $"label", model, out var problem) is not { } label) return [problem!];
        var wrong = (model.Task, label.Kind) switch
        {
            (TaskKind.Binary, not ValueKind.Boolean) => $"label '{model.Label.Text}' gives {Word(label.Kind)}; a binary task needs a boolean, such as '{model.Label.Text} > 0'",
            (TaskKind.Regression, not ValueKind.Number) => $"label '{model.Label.Text}' gives {Word(label.Kind)}; regression needs a number",
            _ => null,
        };
        return wrong is null ? [] : [At(model, model.Label, wrong)];
    }

    private static IEnumerable<Problem> Trainer(ModelDefinition model, TrainerDescription[] known, TrainerDescription? trainer)
    {
        var stated = model.Trainer;
        if (trainer is null)
        {
            yield return new Problem($"unknown trainer '{stated.Name}'.{Suggest.Hint(stated.Name, known.Select(t => t.Name))}", model.File, stated.Line, stated.Column);
            yield break;
        }

        if (!trainer.Tasks.Contains(model.Task))
        {
            var others = known.Where(t => t.Tasks.Contains(model.Task) && t.Name != KnownTrainers.Onnx.Name).Select(t => t.Name).Order(StringComparer.Ordinal);
            yield return new Problem($"trainer '{trainer.Name}' does not do {Word(model.Task)}; these do: {string.Join(", ", others)}", model.File, stated.Line, stated.Column);
        }

        foreach (var (message, at) in TrainerRules.Problems(model, trainer)) yield return new Problem(message, model.File, at.Line, at.Column);
        foreach (var (name, value) in stated.Parameters.Where(p => !TrainerKeys.Contains(p.Key)).OrderBy(p => p.Value.Line).ThenBy(p => p.Value.Column))
        {
            if (HyperparameterProblem(trainer, name, value) is { } message) yield return new Problem(message, model.File, value.Line, value.Column);
        }
    }

    /// <summary>What is wrong with a hyperparameter as a file writes it; null when nothing is.</summary>
    internal static string? HyperparameterProblem(TrainerDescription trainer, string name, Parameter value)
    {
        if (trainer.Hyperparameters.FirstOrDefault(h => h.Name == name) is not { } known)
        {
            return $"trainer '{trainer.Name}' has no setting '{name}'.{Suggest.Hint(name, trainer.Hyperparameters.Select(h => h.Name).Concat(TrainerKeys))}";
        }

        if (known.Choices is { } words)
        {
            if (!value.IsList && words.Contains(value.Text)) return null;
            var close = value.IsList || Suggest.Closest(value.Text, words) is not { } c ? "" : $" Did you mean '{c}'?";
            return $"'{name}' cannot be '{string.Join(", ", value.Items)}'.{close} Allowed: {string.Join(", ", words)}.";
        }

        var kind = known.Integer ? "a whole number" : "a number";
        if (value.IsList || !double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)
            || (known.Integer && number != Math.Floor(number)))
        {
            return $"'{name}: {string.Join(", ", value.Items)}' should be {kind}";
        }

        return number >= known.Min && number <= known.Max ? null
            : FormattableString.Invariant($"'{name}: {number}' is out of range; expected {kind} from {known.Min} to {known.Max}");
    }

    private static IEnumerable<Problem> Gate(ModelDefinition model)
    {
        var gate = model.Gate;
        var metric = gate.Metric is { } name ? MetricCatalogue.Find(model, name) : MetricCatalogue.Default(model.Task);
        int? line = gate.Line == 0 ? null : gate.Line;
        if (metric is null)
        {
            yield return new Problem($"gate: '{gate.Metric}' is not a metric of a {Word(model.Task)} task.{Suggest.Hint(gate.Metric!, MetricCatalogue.Of(model).Select(m => m.Name))}", model.File, line);
            yield break;
        }

        if (metric.MoreIsBetter && gate.Max is not null) yield return new Problem($"gate: more {metric.Name} is better, so the limit is 'min', not 'max'", model.File, line);
        if (!metric.MoreIsBetter && gate.Min is not null) yield return new Problem($"gate: less {metric.Name} is better, so the limit is 'max', not 'min'", model.File, line);
    }

    private static ValueReader? TryCompile(ExpressionText expression, RawSchema schema, string what, ModelDefinition model, out Problem? problem, bool times = false)
    {
        problem = null;
        try
        {
            return ExpressionCompiler.Compile(expression.Text, schema, times);
        }
        catch (ExpressionException e)
        {
            problem = ToProblem(what, expression, model.File, e);
            return null;
        }
    }

    private static Problem At(ModelDefinition model, ExpressionText expression, string message) =>
        new(message, model.File, expression.Line == 0 ? null : expression.Line, expression.Line == 0 ? null : expression.Column);

    internal static string Word(ValueKind kind) => kind switch { ValueKind.Boolean => "a boolean", ValueKind.Text => "text", ValueKind.Timestamp => "a timestamp", _ => "a number" };

    private static string Word(TaskKind task) => task.ToString().ToLowerInvariant();
}
