using Serverless.Datasets;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>
/// A way from a value to floats. What <see cref="NewFitter"/> learns is stored; <see cref="Compile"/> makes of it the one implementation that training, batches and requests share.
/// </summary>
internal interface IFeatureEncoder
{
    /// <summary>In stored models; <c>encode:</c> of the model file writes the same words.</summary>
    string Name { get; }

    /// <summary>Keys of a feature that this encoder knows beyond those of all features.</summary>
    IReadOnlyList<EncoderSetting> Settings => [];

    /// <summary>What may be done about a missing value.</summary>
    IReadOnlyList<MissingHandling> Missing { get; }

    /// <summary>Takes <c>scale</c> and <c>log</c>.</summary>
    bool Scales => false;

    /// <summary>Takes a timestamp, which is neither a number nor text.</summary>
    bool Timestamps => false;

    /// <summary>What does not fit together, each with its place where it has one of its own.</summary>
    IEnumerable<(string Message, Parameter? At)> Validate(FeatureDefinition feature, ValueReader reader) => [];

    FeatureFitter NewFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits);

    /// <summary>The slots that a fitted feature fills, without the indicator.</summary>
    IReadOnlyList<FeatureSlot> Slots(FittedFeature feature);

    FeatureWriter Compile(FittedFeature feature, ValueReader reader);
}

/// <summary>A fitted feature, ready to write. Thread-safe.</summary>
internal abstract class FeatureWriter
{
    /// <summary>Writes every slot. False when the value counts as missing.</summary>
    public abstract bool Write(RawRow row, Span<float> slots);
}
