using Serverless.Datasets;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>A category by the hash of its text (<see cref="MurmurHash3"/>): learns nothing, knows any value, and lets some share a bucket (Weinberger et al. 2009).</summary>
internal sealed class HashEncoder : IFeatureEncoder
{
    private const int DefaultBuckets = 256;

    public string Name => "hash";

    public IReadOnlyList<EncoderSetting> Settings { get; } = [EncoderSetting.Whole("buckets", 2, 65_536)];

    public IReadOnlyList<MissingHandling> Missing { get; } = [MissingHandling.Auto, MissingHandling.Keep, MissingHandling.Category];

    public FeatureFitter NewFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) => new Fitter(feature, reader, traits);

    public IReadOnlyList<FeatureSlot> Slots(FittedFeature feature) => [new FeatureSlot(feature.Name, feature.Buckets!.Value + (feature.MissingCategory ? 1 : 0), feature.OneHot)];

    public FeatureWriter Compile(FittedFeature feature, ValueReader reader) => new Writer(reader, feature.Buckets!.Value, feature.MissingCategory ? feature.Buckets!.Value : float.NaN);

    private sealed class Writer(ValueReader reader, int buckets, float missing) : FeatureWriter
    {
        public override bool Write(RawRow row, Span<float> slots)
        {
            if (reader.Kind == ValueKind.Text)
            {
                var text = reader.Text(row);
                slots[0] = text is null ? missing : MurmurHash3.Bucket(text, buckets);
                return text is not null;
            }

            var number = reader.Number(row);
            var present = double.IsFinite(number);
            slots[0] = present ? MurmurHash3.Bucket(number, buckets) : missing;
            return present;
        }
    }

    private sealed class Fitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : FeatureFitter(feature, reader, traits)
    {
        private bool any;

        public override FeatureFitter New() => new Fitter(Feature, Reader, Traits);

        public override void Add(RawRow row) => any = any || (Reader.Kind == ValueKind.Text ? Reader.Text(row) is not null : double.IsFinite(Reader.Number(row)));

        public override void Merge(FeatureFitter later) => any |= ((Fitter)later).any;

        public override FittedFeature Finish(ModelDefinition model) => !any ? throw NoValue(model) : State("hash") with
        {
            Buckets = Feature.Whole("buckets", DefaultBuckets), OneHot = !Traits.NativeCategories, MissingCategory = Feature.Missing == MissingHandling.Category,
        };
    }
}
