using System.Runtime.InteropServices;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>Counts n-grams and the texts that have them: of the vocabulary to be, or of buckets.</summary>
internal sealed class TextFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : FeatureFitter(feature, reader, traits)
{
    /// <summary>More different n-grams than this are not counted: the memory is better spent on buckets.</summary>
    internal const int MaxGrams = 2_000_000;

    private readonly bool characters = feature.Word("by", "word") == "character";
    private readonly bool weighted = feature.Word("weight", "tf") == "tf-idf";
    private readonly int buckets = feature.Has("vocabulary") ? 0 : feature.Whole("buckets", TextEncoder.DefaultBuckets);
    private readonly Dictionary<string, Gram> grams = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Gram> byBucket = [];
    private long texts;

    // Words from single ones on, characters of one length, where one number is given.
    private (int From, int To) Lengths => Feature.Texts("ngrams").Select(int.Parse).ToArray() switch
    {
        [] => characters ? (3, 3) : (1, 1),
        [var only] => characters ? (only, only) : (1, only),
        [var from, var to, ..] => (from, to),
    };

    public override FeatureFitter New() => new TextFitter(Feature, Reader, Traits);

    public override void Add(RawRow row)
    {
        if (Reader.Text(row) is not { } text) return;
        texts++;
        if (buckets > 0 && !weighted) return;
        var counter = new Counter(this, texts);
        NGrams.Visit(text, characters, Lengths.From, Lengths.To, ref counter);
    }

    public override void Merge(FeatureFitter later)
    {
        var other = (TextFitter)later;
        texts += other.texts;
        foreach (var (gram, counts) in other.grams) Merge(ref CollectionsMarshal.GetValueRefOrAddDefault(grams, gram, out _), counts);
        foreach (var (bucket, counts) in other.byBucket) Merge(ref CollectionsMarshal.GetValueRefOrAddDefault(byBucket, bucket, out _), counts);
    }

    public override FittedFeature Finish(ModelDefinition model)
    {
        if (texts == 0) throw NoValue(model);
        if (grams.Count > MaxGrams)
        {
            throw new DataException($"feature '{Feature.Name}' of model '{model.Name}' has more than {MaxGrams} different n-grams, too many to choose a vocabulary from; use 'buckets', or shorter 'ngrams'");
        }

        string[]? vocabulary = buckets > 0 ? null : [.. grams.OrderByDescending(g => g.Value.Count).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Take(Feature.Whole("vocabulary", 1)).Select(g => g.Key).Order(StringComparer.Ordinal)];
        if (vocabulary is []) throw new DataException($"feature '{Feature.Name}' of model '{model.Name}': no training row's text has an n-gram of the length asked for; use smaller 'ngrams'");
        var documents = vocabulary is not null ? vocabulary.Select(v => grams[v].Texts) : Enumerable.Range(0, buckets).Select(b => byBucket.GetValueOrDefault(b).Texts);
        return State("text") with
        {
            Buckets = buckets > 0 ? buckets : null,
            Text = new FittedText
            {
                Characters = characters, From = Lengths.From, To = Lengths.To, Vocabulary = vocabulary,
                Idf = weighted ? [.. documents.Select(d => Math.Log((1.0 + texts) / (1.0 + d)) + 1)] : null,
            },
        };
    }

    private static void Merge(ref Gram into, Gram from) => into = new Gram(into.Count + from.Count, into.Texts + from.Texts, 0);

    /// <param name="Texts">How many texts have it.</param>
    /// <param name="Last">The text that had it last, so that each counts once.</param>
    private readonly record struct Gram(long Count, long Texts, long Last)
    {
        public Gram Seen(long text) => new(Count + 1, Last == text ? Texts : Texts + 1, text);
    }

    private readonly struct Counter(TextFitter fitter, long text) : INGramSink
    {
        public void Add(ReadOnlySpan<char> gram)
        {
            if (fitter.buckets > 0)
            {
                ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(fitter.byBucket, MurmurHash3.Bucket(gram, fitter.buckets), out _);
                bucket = bucket.Seen(text);
                return;
            }

            var known = fitter.grams.GetAlternateLookup<ReadOnlySpan<char>>();
            if (fitter.grams.Count > MaxGrams && !known.ContainsKey(gram)) return;
            ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(known, gram, out _);
            counts = counts.Seen(text);
        }
    }
}
