using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>The values that training saw, by their place in order. One never seen counts as missing. Serves <c>category</c> and <c>one-hot</c>, which differ at the trainer only.</summary>
internal sealed class CategoryEncoder : IFeatureEncoder
{
    public string Name => "category";

    public IReadOnlyList<MissingHandling> Missing { get; } = [MissingHandling.Auto, MissingHandling.Keep, MissingHandling.MostFrequent, MissingHandling.Category];

    public FeatureFitter NewFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) => new Fitter(feature, reader, traits);

    public IReadOnlyList<FeatureSlot> Slots(FittedFeature feature) =>
        [new FeatureSlot(feature.Name, feature.Categories!.Count + (feature.MissingCategory ? 1 : 0), feature.OneHot)];

    public FeatureWriter Compile(FittedFeature feature, ValueReader reader)
    {
        var categories = feature.Categories!;
        var missing = feature.MissingCategory ? categories.Count : (float?)feature.Fill ?? float.NaN;
        return reader.Kind == ValueKind.Text
            ? new TextWriter(reader, categories.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i, StringComparer.Ordinal), missing)
            : new NumberWriter(reader, categories.Select((c, i) => (c, i)).ToDictionary(c => double.Parse(c.c, CultureInfo.InvariantCulture), c => c.i), missing);
    }

    private sealed class TextWriter(ValueReader reader, Dictionary<string, int> indices, float missing) : FeatureWriter
    {
        public override bool Write(RawRow row, Span<float> slots)
        {
            var index = 0;
            var present = reader.Text(row) is { } text && indices.TryGetValue(text, out index);
            slots[0] = present ? index : missing;
            return present;
        }
    }

    private sealed class NumberWriter(ValueReader reader, Dictionary<double, int> indices, float missing) : FeatureWriter
    {
        public override bool Write(RawRow row, Span<float> slots)
        {
            var number = reader.Number(row);
            var index = 0;
            var present = !double.IsNaN(number) && indices.TryGetValue(number, out index);
            slots[0] = present ? index : missing;
            return present;
        }
    }

    private sealed class Fitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : FeatureFitter(feature, reader, traits)
    {
        private readonly Dictionary<string, long> texts = new(StringComparer.Ordinal);
        private readonly Dictionary<double, long> numbers = [];

        public override FeatureFitter New() => new Fitter(Feature, Reader, Traits);

        public override void Add(RawRow row)
        {
            if (Reader.Kind == ValueKind.Text)
            {
                if (texts.Count <= FeatureFitting.MaxCategories && Reader.Text(row) is { } text) Count(texts, text, 1);
            }
            else if (numbers.Count <= FeatureFitting.MaxCategories && Reader.Number(row) is var number && double.IsFinite(number))
            {
                Count(numbers, number, 1);
            }
        }

        public override void Merge(FeatureFitter later)
        {
            foreach (var (text, count) in ((Fitter)later).texts) Count(texts, text, count);
            foreach (var (number, count) in ((Fitter)later).numbers) Count(numbers, number, count);
        }

        public override FittedFeature Finish(ModelDefinition model)
        {
            var count = texts.Count + numbers.Count;
            if (count == 0) throw NoValue(model);
            if (count > FeatureFitting.MaxCategories)
            {
                throw new DataException($"feature '{Feature.Name}' of model '{model.Name}' has more than {FeatureFitting.MaxCategories} different values; "
                    + "that is an identifier rather than a category: take a part of it, use 'encode: hash', or leave it out");
            }

            (string Name, long Count)[] categories = Reader.Kind == ValueKind.Text
                ? [.. texts.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, t.Value))]
                : [.. numbers.OrderBy(n => n.Key).Select(n => (FeaturePlan.CategoryText(n.Key), n.Value))];
            return State(null) with
            {
                Categories = [.. categories.Select(c => c.Name)],
                OneHot = Feature.Encode == FeatureEncoding.OneHot || !Traits.NativeCategories,
                MissingCategory = Feature.Missing == MissingHandling.Category,
                Fill = Feature.Missing == MissingHandling.MostFrequent ? Array.IndexOf(categories, categories.MaxBy(c => c.Count)) : null,
            };
        }

        private static void Count<T>(Dictionary<T, long> counts, T value, long count) where T : notnull =>
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _) += count;
    }
}
