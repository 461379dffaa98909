using Serverless.Datasets;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>
/// Counts of the n-grams of a text, hashed into buckets or of a vocabulary learned in training (the n-grams that stand there most often). <c>tf</c> is the count;
/// <c>tf-idf</c> multiplies it by ln((1 + n) / (1 + df)) + 1 and divides the row by its Euclidean length, as scikit-learn does. A missing text is all zero.
/// </summary>
internal sealed class TextEncoder : IFeatureEncoder
{
    public const int DefaultBuckets = 256;

    public string Name => "text";

    public IReadOnlyList<EncoderSetting> Settings { get; } =
    [
        EncoderSetting.Word("by", "word", "character"), EncoderSetting.Range("ngrams", 1, 10), EncoderSetting.Whole("buckets", 2, 65_536),
        EncoderSetting.Whole("vocabulary", 1, 65_536), EncoderSetting.Word("weight", "tf", "tf-idf"),
    ];

    public IReadOnlyList<MissingHandling> Missing { get; } = [MissingHandling.Auto];

    public IEnumerable<(string Message, Parameter? At)> Validate(FeatureDefinition feature, ValueReader reader)
    {
        if (reader.Kind != ValueKind.Text) yield return ($"'{feature.From.Text}' gives {FeatureCompiler.Word(reader.Kind)}; 'encode: text' takes text", null);
        if (feature.Has("buckets") && feature.Has("vocabulary"))
        {
            yield return ("either 'buckets' or 'vocabulary', not both: n-grams are hashed, or the most frequent ones are kept", feature.Settings["vocabulary"]);
        }
    }

    public FeatureFitter NewFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) => new TextFitter(feature, reader, traits);

    public IReadOnlyList<FeatureSlot> Slots(FittedFeature feature)
    {
        var names = feature.Text!.Vocabulary is { } vocabulary ? vocabulary.Select(v => $"{feature.Name}:{v}")
            : Enumerable.Range(0, feature.Buckets!.Value).Select(b => FormattableString.Invariant($"{feature.Name}.{b}"));
        return [.. names.Select(n => new FeatureSlot(n, 0, false) { Feature = feature.Name })];
    }

    public FeatureWriter Compile(FittedFeature feature, ValueReader reader) => new Writer(feature, reader);

    private sealed class Writer : FeatureWriter
    {
        private readonly ValueReader reader;
        private readonly FittedText text;
        private readonly int width;
        private readonly float[]? idf;
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? vocabulary;

        public Writer(FittedFeature feature, ValueReader reader)
        {
            (this.reader, text) = (reader, feature.Text!);
            width = text.Vocabulary?.Count ?? feature.Buckets!.Value;
            idf = text.Idf is { } weights ? [.. weights.Select(w => (float)w)] : null;
            vocabulary = text.Vocabulary?.Select((v, i) => (v, i)).ToDictionary(v => v.v, v => v.i, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public override bool Write(RawRow row, Span<float> slots)
        {
            slots = slots[..width];
            slots.Clear();
            if (reader.Text(row) is not { } value) return false;
            var counts = new Counts(slots, vocabulary);
            NGrams.Visit(value, text.Characters, text.From, text.To, ref counts);
            if (idf is not null) Weigh(slots);
            return true;
        }

        private void Weigh(Span<float> slots)
        {
            var squares = 0.0;
            for (var i = 0; i < slots.Length; i++)
            {
                slots[i] *= idf![i];
                squares += (double)slots[i] * slots[i];
            }

            if (squares == 0) return;
            var length = Math.Sqrt(squares);
            for (var i = 0; i < slots.Length; i++) slots[i] = (float)(slots[i] / length);
        }
    }

    private readonly ref struct Counts(Span<float> slots, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? vocabulary) : INGramSink
    {
        private readonly Span<float> slots = slots;

        public void Add(ReadOnlySpan<char> gram)
        {
            if (vocabulary is not { } known) slots[MurmurHash3.Bucket(gram, slots.Length)]++;
            else if (known.TryGetValue(gram, out var slot)) slots[slot]++;
        }
    }
}
