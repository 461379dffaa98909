using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Search;

/// <summary>Everything that is wrong with the section <c>search</c> of a model file and that needs its trainers to be seen, each where it stands.</summary>
internal sealed class SearchProblems(IEnumerable<ISampler> samplers, IEnumerable<ITrainer> trainers) : IWorkspaceValidator
{
    private readonly string[] samplerNames = [.. samplers.Select(s => s.Name).Order(StringComparer.Ordinal)];
    private readonly TrainerDescription[] known = [.. KnownTrainers.All, .. trainers.Where(t => KnownTrainers.All.All(k => k.Name != t.Name)).Select(KnownTrainers.Describe)];

    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Models.Values.Where(m => m.Search is not null).OrderBy(m => m.Name, StringComparer.Ordinal).SelectMany(m => Of(m, m.Search!));

    private IEnumerable<Problem> Of(ModelDefinition model, SearchDefinition search)
    {
        Problem At(int line, int column, string message) => new(message, model.File, line == 0 ? null : line, line == 0 ? null : column);
        if (model.Trainer.Name == KnownTrainers.Onnx.Name)
        {
            yield return At(search.Line, search.Column, "trainer 'onnx' is for models that are imported, so there is nothing to search; take 'search' out");
            yield break;
        }

        if (!samplerNames.Contains(search.Sampler.Text)) yield return At(search.Sampler.Line, search.Sampler.Column, $"unknown sampler '{search.Sampler.Text}'.{Suggest.Hint(search.Sampler.Text, samplerNames)}");
        if (search.Metric is { } metric && MetricCatalogue.Find(model, metric.Text) is null)
        {
            yield return At(metric.Line, metric.Column, $"search: '{metric.Text}' is not a metric of a {model.Task.ToString().ToLowerInvariant()} task.{Suggest.Hint(metric.Text, MetricCatalogue.Of(model).Select(m => m.Name))}");
        }

        var (wrong, varies) = (false, false);
        foreach (var searched in SearchSpaces.Trainers(model))
        {
            Problem[] problems = [.. Trainer(model, searched).Select(p => At(p.Line, p.Column, p.Message))];
            foreach (var problem in problems) yield return problem;
            wrong |= problems.Length > 0;
            if (!wrong && known.FirstOrDefault(t => t.Name == searched.Name) is { } trainer) varies |= SearchSpaces.Dimensions(searched, trainer.Hyperparameters, model).Any(d => d is not ChoiceDimension { Values.Count: 1 });
        }

        if (!wrong && !varies && SearchSpaces.Trainers(model) is [var only])
        {
            yield return At(search.Line, search.Column, $"search: nothing varies: trainer '{only.Name}' proposes no ranges of its own and 'trainers' states none, such as 'trainers: {{ {only.Name}: {{ {known.FirstOrDefault(t => t.Name == only.Name)?.Hyperparameters.FirstOrDefault()?.Name ?? "SETTING"}: [1, 2] }} }}'");
        }
    }

    private IEnumerable<(string Message, int Line, int Column)> Trainer(ModelDefinition model, SearchedTrainer searched)
    {
        var possible = known.Where(t => t.Tasks.Contains(model.Task) && t.Name != KnownTrainers.Onnx.Name).Select(t => t.Name).Order(StringComparer.Ordinal).ToArray();
        var stated = model.Search!.Trainers.Count > 0;
        if (known.FirstOrDefault(t => t.Name == searched.Name) is not { } trainer)
        {
            // The model's own trainer is judged where it stands.
            if (stated) yield return ($"unknown trainer '{searched.Name}'.{Suggest.Hint(searched.Name, possible)}", searched.Line, searched.Column);
            yield break;
        }

        if (!stated) yield break;
        if (!possible.Contains(trainer.Name))
        {
            yield return (trainer.Name == KnownTrainers.Onnx.Name ? "trainer 'onnx' is for models that are imported; a search cannot try it"
                : $"trainer '{trainer.Name}' does not do {model.Task.ToString().ToLowerInvariant()}; these do: {string.Join(", ", possible)}", searched.Line, searched.Column);
            yield break;
        }

        if (model.Trainer.ClassWeights is not null && model.Task != TaskKind.Regression && !trainer.Traits.RowWeights)
        {
            yield return ($"trainer '{trainer.Name}' cannot weigh classes, and the model asks for 'classWeights'; leave it out of the search", searched.Line, searched.Column);
        }

        foreach (var setting in searched.Settings)
        {
            foreach (var problem in Setting(model, trainer, setting)) yield return problem;
        }
    }

    private static IEnumerable<(string Message, int Line, int Column)> Setting(ModelDefinition model, TrainerDescription trainer, SearchedSetting setting)
    {
        if (trainer.Hyperparameters.FirstOrDefault(h => h.Name == setting.Name) is not { } known)
        {
            yield return ($"trainer '{trainer.Name}' has no setting '{setting.Name}'.{Suggest.Hint(setting.Name, trainer.Hyperparameters.Select(h => h.Name))}", setting.Line, setting.Column);
            yield break;
        }

        if (setting.Range is { } range)
        {
            if (known.Choices is { } words) yield return ($"'{setting.Name}' is a word, not a number; give a list of some of: {string.Join(", ", words)}", setting.Line, setting.Column);
            else
            {
                foreach (var bound in new[] { range.Min, range.Max })
                {
                    var text = bound.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                    if (FeatureCompiler.HyperparameterProblem(trainer, setting.Name, new Parameter([text], false, setting.Line, setting.Column)) is { } wrong) yield return (wrong, setting.Line, setting.Column);
                }
            }

            yield break;
        }

        foreach (var value in setting.Values!.Items)
        {
            var one = new Parameter([value], false, setting.Values.Line, setting.Values.Column);
            if (FeatureCompiler.HyperparameterProblem(trainer, setting.Name, one) is { } wrong) yield return (wrong, one.Line, one.Column);
            else if (setting.Name == "objective" && model.Task != TaskKind.Regression && value != "auto")
            {
                yield return ($"'objective: {value}' is for regression; {model.Task.ToString().ToLowerInvariant()} has one objective, so leave it out", one.Line, one.Column);
            }
        }

        if (setting.Values.Items.Count != setting.Values.Items.Distinct(StringComparer.Ordinal).Count()) yield return ($"'{setting.Name}' names a value twice", setting.Values.Line, setting.Values.Column);
    }
}
