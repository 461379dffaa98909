using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>
/// A number in one slot: its logarithm where asked for, then its scale. One that is missing, NaN, infinite or beyond the range of a float takes the fill value, or stays NaN.
/// </summary>
internal sealed class NumberEncoder : IFeatureEncoder
{
    public string Name => "number";

    public bool Scales => true;

    public IReadOnlyList<MissingHandling> Missing { get; } =
        [MissingHandling.Auto, MissingHandling.Keep, MissingHandling.Mean, MissingHandling.Median, MissingHandling.MostFrequent, MissingHandling.Value];

    public IEnumerable<(string Message, Parameter? At)> Validate(FeatureDefinition feature, ValueReader reader)
    {
        if (reader.Kind == ValueKind.Text) yield return ($"'{feature.From.Text}' gives text, which 'encode: number' cannot take; use category or one-hot", null);
        if (feature.Log == LogScale.Natural && feature.MissingValue < 0) yield return ("'log: true' takes numbers from 0, and the number that stands in for a missing one is negative; use 'log: signed'", null);
    }

    public FeatureFitter NewFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) => new Fitter(feature, reader, traits);

    public IReadOnlyList<FeatureSlot> Slots(FittedFeature feature) => [new FeatureSlot(feature.Name, 0, false)];

    public FeatureWriter Compile(FittedFeature feature, ValueReader reader) => new Writer(feature, reader);

    private static bool NeedsValues(FeatureDefinition feature) =>
        feature.Missing is MissingHandling.Median or MissingHandling.MostFrequent || feature.Scale is FeatureScale.Robust;

    private sealed class Writer : FeatureWriter
    {
        private readonly ValueReader reader;
        private readonly LogScale log;
        private readonly float missing;
        private readonly double mean;
        private readonly double scale;
        private readonly bool scaled;

        public Writer(FittedFeature feature, ValueReader reader)
        {
            (this.reader, log) = (reader, Logarithm.Parse(feature.Log));
            (mean, scale, scaled) = (feature.Mean ?? 0, feature.Scale ?? 1, feature.Scale is not null);
            var fill = feature.Fill ?? double.NaN;
            missing = (float)(scaled ? (fill - mean) / scale : fill);
        }

        public override bool Write(RawRow row, Span<float> slots)
        {
            var number = reader.Number(row);
            if (log != LogScale.None) number = Logarithm.Of(log, number);
            if (scaled) number = (number - mean) / scale;
            var value = (float)number;
            var present = float.IsFinite(value);
            slots[0] = present ? value : missing;
            return present;
        }
    }

    private sealed class Fitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : FeatureFitter(feature, reader, traits)
    {
        private readonly List<double>? values = NeedsValues(feature) ? [] : null;
        private long count;
        private long missing;
        private long negative;
        private double mean;
        private double squares;
        private double min = double.PositiveInfinity;
        private double max = double.NegativeInfinity;

        public override FeatureFitter New() => new Fitter(Feature, Reader, Traits);

        public override void Add(RawRow row)
        {
            var value = Reader.Number(row);
            if (Feature.Log != LogScale.None)
            {
                if (value < 0) negative++;
                value = Logarithm.Of(Feature.Log, value);
            }

            if (!float.IsFinite((float)value))
            {
                missing++;
                return;
            }

            // Welford (1962): no cancellation, however far the mean lies from zero.
            var delta = value - mean;
            mean += delta / ++count;
            squares += delta * (value - mean);
            min = Math.Min(min, value);
            max = Math.Max(max, value);
            values?.Add(value);
        }

        public override void Merge(FeatureFitter later)
        {
            var other = (Fitter)later;
            missing += other.missing;
            negative += other.negative;
            values?.AddRange(other.values!);
            if (other.count == 0) return;
            var total = count + other.count;
            var delta = other.mean - mean;
            mean += delta * other.count / total;
            squares += other.squares + delta * delta * ((double)count * other.count / total);
            (count, min, max) = (total, Math.Min(min, other.min), Math.Max(max, other.max));
        }

        public override FittedFeature Finish(ModelDefinition model)
        {
            if (Feature.Log == LogScale.Natural && negative > 0)
            {
                throw new DataException($"feature '{Feature.Name}' of model '{model.Name}': 'log: true' takes numbers from 0, and '{Feature.From.Text}' is negative in {negative} training rows; use 'log: signed', or mend the data");
            }

            if (count == 0) throw NoValue(model);
            var sorted = values?.ToArray() ?? [];
            Array.Sort(sorted);
            var (centre, spread) = Scaling(sorted);
            return State(null) with { Log = Logarithm.Name(Feature.Log), Fill = FillValue(sorted), Mean = spread is null ? null : centre, Scale = spread };
        }

        private (double Centre, double? Spread) Scaling(double[] sorted)
        {
            static double NotZero(double spread) => spread > 0 && double.IsFinite(spread) ? spread : 1;
            return Feature.Scale switch
            {
                FeatureScale.MinMax => (min, NotZero(max - min)),
                FeatureScale.Robust => (Quantiles.OfSorted(sorted, 0.5), NotZero(Quantiles.OfSorted(sorted, 0.75) - Quantiles.OfSorted(sorted, 0.25))),
                FeatureScale.Standard => (mean, NotZero(Math.Sqrt(squares / count))),
                FeatureScale.Auto when Traits.NeedsScaling => (mean, NotZero(Math.Sqrt(squares / count))),
                _ => (0, null),
            };
        }

        private double? FillValue(double[] sorted) => Feature.Missing switch
        {
            MissingHandling.Keep => null,
            MissingHandling.Value => Logarithm.Of(Feature.Log, Feature.MissingValue ?? 0),
            MissingHandling.Median => Quantiles.OfSorted(sorted, 0.5),
            MissingHandling.MostFrequent => Quantiles.MostFrequent(sorted),
            MissingHandling.Mean => mean,
            // A trainer that never met a missing value would read it as zero; the mean is the better guess.
            _ => Traits.NativeMissing && missing > 0 ? null : mean,
        };
    }
}
