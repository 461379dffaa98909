using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>Learns what one feature needs to know. Parts see stretches of the rows and are merged in the order of the rows.</summary>
internal abstract class FeatureFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits)
{
    protected FeatureDefinition Feature => feature;

    protected ValueReader Reader => reader;

    protected TrainerTraits Traits => traits;

    /// <summary>An empty one of the same kind.</summary>
    public abstract FeatureFitter New();

    public abstract void Add(RawRow row);

    public abstract void Merge(FeatureFitter later);

    /// <exception cref="DataException">The rows do not give what the feature needs.</exception>
    public abstract FittedFeature Finish(ModelDefinition model);

    protected FittedFeature State(string? encoder) => new() { Name = feature.Name, From = feature.From.Text, Encode = encoder, Indicator = feature.Indicator };

    protected DataException NoValue(ModelDefinition model) => new(
        $"feature '{feature.Name}' of model '{model.Name}' is missing in every training row; see whether {(feature.Lookup is { } lookup ? $"'{lookup.Source}' had values of {string.Join(", ", lookup.Keys.Select(k => k.Column))} before the times of the rows" : $"the column in '{feature.From.Text}' is filled in the drops")}");
}
