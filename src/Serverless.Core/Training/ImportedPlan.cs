using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Training;

/// <summary>The features of an imported model: nothing is learned from the data here, because the model was trained elsewhere.</summary>
internal static class ImportedPlan
{
    /// <exception cref="DataException">A feature that would have to learn something: a category, a mean, a median.</exception>
    public static FeaturePlan Of(ModelDefinition model, RawSchema dataset)
    {
        var readers = model.Features.Select(f => FeatureCompiler.Compile(f.From, dataset, $"feature '{f.Name}'", model.File)).ToArray();
        for (var i = 0; i < readers.Length; i++)
        {
            var feature = model.Features[i];
            if (readers[i].Kind == ValueKind.Text || feature.Encode is not (FeatureEncoding.Auto or FeatureEncoding.Number))
            {
                throw new DataException($"feature '{feature.Name}' of model '{model.Name}' is a category, whose numbers would be made up here; an imported model takes numbers: write what it was trained on, such as '{feature.From.Text} == \"A\" ? 1 : 0'");
            }

            if (feature.Indicator || feature.Log != LogScale.None || feature.Scale is not (FeatureScale.Auto or FeatureScale.None))
            {
                throw new DataException($"feature '{feature.Name}' of model '{model.Name}' asks for an indicator, a logarithm or a scale; an imported model takes what its expression gives: write it there, such as 'Math.Log({feature.From.Text})'");
            }

            if (feature.Missing is not (MissingHandling.Auto or MissingHandling.Keep or MissingHandling.Value))
            {
                throw new DataException($"feature '{feature.Name}' of model '{model.Name}' asks for 'missing: {feature.Missing.ToString().ToLowerInvariant()}', which would be learned here; an imported model takes a number or nothing: 'missing: keep' or 'missing: 0'");
            }
        }

        var read = readers.SelectMany(r => r.Columns).ToHashSet(StringComparer.Ordinal);
        return new FeaturePlan(new FeaturePlanState
        {
            Inputs = [.. dataset.Columns.Where(c => read.Contains(c.Name))],
            Features = [.. model.Features.Select(f => new FittedFeature { Name = f.Name, From = f.From.Text, Fill = f.Missing == MissingHandling.Value ? f.MissingValue ?? 0 : null })],
        });
    }
}
