using Serverless.Features;
using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

/// <summary>Golden values: scikit-learn 1.2.1 with token_pattern "(?u)\b\w+\b".</summary>
public sealed class TextEncoderTests
{
    private static readonly string?[] Documents = ["The flight was late, very late", "Flight on time", "late again_and again 2nd time", "Zürich is LATE"];

    // HashingVectorizer(n_features=8, alternate_sign=False, norm=None, ngram_range=(1, 2))
    [Fact]
    public void HashedWords_UpToTwo_AreSklearnsHashingVectorizer() => Encode(Texts("notes", Documents), Trees, "n: { from: notes, encode: text, ngrams: 2, buckets: 8 }").ShouldBe(
        [[3, 1, 0, 2, 2, 1, 2, 0], [0, 0, 0, 1, 0, 1, 1, 2], [1, 0, 1, 3, 1, 1, 0, 2], [1, 3, 0, 0, 0, 1, 0, 0]]);

    // HashingVectorizer(n_features=8, alternate_sign=False, norm=None, analyzer='char', ngram_range=(3, 3))
    [Fact]
    public void HashedCharacters_Three_AreSklearnsHashingVectorizer() => Encode(Texts("notes", Documents), Trees, "n: { from: notes, encode: text, by: character, ngrams: 3, buckets: 8 }").ShouldBe(
        [[3, 8, 3, 7, 3, 1, 1, 2], [1, 2, 2, 3, 1, 1, 1, 1], [6, 1, 2, 10, 1, 2, 3, 2], [3, 3, 0, 2, 2, 0, 2, 0]]);

    // TfidfVectorizer(max_features=4): 2nd, flight, late, time.
    [Fact]
    public void VocabularyTfIdf_FourWords_AreSklearnsTfidfVectorizer()
    {
        var table = Texts("notes", Documents);
        var plan = Fit(table, Trees, "n: { from: notes, encode: text, vocabulary: 4, weight: tf-idf }");
        plan.Slots.Select(s => s.Name).ShouldBe(["n:2nd", "n:flight", "n:late", "n:time"]);
        var idf = plan.State.Features[0].Text!.Idf!;
        idf[0].ShouldBe(1.91629073, 1e-8);
        idf[1].ShouldBe(1.51082562, 1e-8);
        idf[2].ShouldBe(1.22314355, 1e-8);
        var rows = plan.Transform(table, [0, 1, 2, 3]);
        float[][] expected = [[0, 0.52546357f, 0.8508161f, 0], [0, 0.70710678f, 0, 0.70710678f], [0.70203482f, 0, 0.44809973f, 0.55349232f], [0, 0, 1, 0]];
        for (var r = 0; r < 4; r++) for (var i = 0; i < 4; i++) rows.Row(r)[i].ShouldBe(expected[r][i], 1e-6f);
    }

    [Fact]
    public void Vocabulary_MostFrequentFirst_TiesInOrder() =>
        Fit(Texts("notes", Documents), Trees, "n: { from: notes, encode: text, ngrams: 2, vocabulary: 4 }").State.Features[0].Text!.Vocabulary.ShouldBe(["2nd", "flight", "late", "time"]);

    [Fact]
    public void Missing_OrEmptyText_IsAllZero()
    {
        var plan = Fit(Texts("notes", Documents), Trees, "n: { from: notes, encode: text, buckets: 4, weight: tf-idf, indicator: true }");
        plan.Transform(Texts("notes", null, "", "?!"), [0, 1, 2]).Values.ShouldBe([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    [Theory]
    [InlineData("naïve  CAFÉ", false, 1, 2, "naïve|café|naïve café")]
    [InlineData("हिन्दी text", false, 1, 1, "हिन्दी|text")]
    [InlineData("a\t\n b", true, 2, 3, "a | b|a b")]
    [InlineData("👍🏽x", true, 1, 1, "👍|🏽|x")]
    [InlineData("", true, 1, 1, "")]
    [InlineData("one two", false, 3, 4, "")]
    public void NGrams_OfAnyScript_AreCutByLettersAndCodePoints(string text, bool characters, int from, int to, string expected)
    {
        var list = new Gathered([]);
        NGrams.Visit(text, characters, from, to, ref list);
        string.Join('|', list.Grams).ShouldBe(expected);
    }

    private readonly record struct Gathered(List<string> Grams) : INGramSink
    {
        public void Add(ReadOnlySpan<char> gram) => Grams.Add(gram.ToString());
    }
}
