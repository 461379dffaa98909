using Serverless.Features;
using Serverless.Workspaces;
using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

public sealed class EncodingProblemsTests
{
    [Theory]
    [InlineData("o: { from: origin, encode: hash, buckets: 1 }", "(2,45): feature 'o': 'buckets: 1' should be a whole number from 2 to 65536")]
    [InlineData("o: { from: origin, encode: hash, buckets: [2, 3] }", "(2,45): feature 'o': 'buckets: 2, 3' should be a whole number from 2 to 65536")]
    [InlineData("o: { from: origin, buckets: 9 }", "(2,31): feature 'o': 'buckets' is not a setting of 'encode: category'; it belongs to hash and text")]
    [InlineData("o: { from: origin, bucket: 9 }", "(2,22): unknown key 'bucket' in feature. Did you mean 'buckets'?")]
    [InlineData("o: { from: origin, encode: hsh }", "(2,30): 'encode' cannot be 'hsh'. Did you mean 'hash'? Allowed: auto, number, category, one-hot, hash, bins, cyclic, text.")]
    [InlineData("o: { from: origin, edges: [1] }", "(2,14): feature 'o': 'origin' gives text; bins are of numbers")]
    [InlineData("o: { from: weekend, bins: 4 }", "(2,14): feature 'o': 'weekend' gives a boolean; bins are of numbers")]
    [InlineData("d: { from: distance, edges: [500, 200] }", "(2,31): feature 'd': 'edges: 500, 200' should be numbers in ascending order, such as [200, 500]")]
    [InlineData("d: { from: distance, edges: [200, far] }", "(2,31): feature 'd': 'edges: 200, far' should be numbers in ascending order, such as [200, 500]")]
    [InlineData("d: { from: distance, edges: [200], bins: 3 }", "(2,44): feature 'd': either 'edges' or 'bins', not both: 'edges' says where the bins end, 'bins' how many there are of equal size")]
    [InlineData("d: { from: distance, bins: 3, log: true }", "(2,14): feature 'd': 'log' is for numbers; 'encode: bins' takes none: write it into the expression")]
    [InlineData("o: { from: origin, scale: robust }", "(2,14): feature 'o': 'scale: robust' is for numbers; 'encode: category' has no scale")]
    [InlineData("o: { from: origin, encode: number }", "(2,14): feature 'o': 'origin' gives text, which 'encode: number' cannot take; use category or one-hot")]
    [InlineData("d: { from: distance, scale: min_max }", "(2,31): 'scale' cannot be 'min_max'. Did you mean 'min-max'? Allowed: auto, none, standard, min-max, robust.")]
    [InlineData("d: { from: distance, log: yes }", "(2,29): 'log' cannot be 'yes'. Allowed: true (ln(1 + x), for numbers from 0), signed (also for negative ones), false.")]
    [InlineData("b: { from: balance, log: true }", "(2,14): feature 'b': 'log: true' takes numbers from 0, and the contract lets 'balance' begin at -1000000; use 'log: signed'")]
    [InlineData("d: { from: distance, log: true, missing: -1 }", "(2,14): feature 'd': 'log: true' takes numbers from 0, and the number that stands in for a missing one is negative; use 'log: signed'")]
    [InlineData("d: { from: distance, missing: category }", "(2,14): feature 'd': 'missing: category' does not go with 'encode: number'; allowed: auto, keep, mean, median, most-frequent, a number")]
    [InlineData("o: { from: origin, missing: median }", "(2,14): feature 'o': 'missing: median' does not go with 'encode: category'; allowed: auto, keep, most-frequent, category")]
    [InlineData("o: { from: origin, encode: text, missing: 3 }", "(2,14): feature 'o': 'missing: 3' does not go with 'encode: text'; allowed: auto")]
    [InlineData("d: { from: distance, encode: cyclic }", "(2,14): feature 'd': the period of 'distance' cannot be told from the expression; give it, such as 'period: 24'")]
    [InlineData("d: { from: distance, encode: cyclic, period: -1 }", "(2,48): feature 'd': the period of a number is a number above 0, such as 'period: 24', not '-1'")]
    [InlineData("t: { from: date, encode: cyclic }", "(2,14): feature 't': the period of a timestamp is one or several of hour, day, week, month, year, each once, such as 'period: [day, week]'")]
    [InlineData("t: { from: date, encode: cyclic, period: [day, fortnight] }", "(2,44): feature 't': the period of a timestamp is one or several of hour, day, week, month, year, each once, such as 'period: [day, week]', not 'day, fortnight'")]
    [InlineData("t: { from: origin, encode: cyclic, period: 3 }", "(2,14): feature 't': 'origin' gives text; 'encode: cyclic' takes a timestamp or a number")]
    [InlineData("t: { from: date, encode: hash }", "(2,14): feature 't': 'date' is a timestamp, not a number or text; take a part of it such as '.Hour', or a difference such as '(a - b).TotalDays'")]
    [InlineData("n: { from: distance, encode: text }", "(2,14): feature 'n': 'distance' gives a number; 'encode: text' takes text")]
    [InlineData("n: { from: notes, encode: text, ngrams: [3, 2] }", "(2,43): feature 'n': 'ngrams: 3, 2' should be a whole number from 1 to 10, or two such as [1, 10]")]
    [InlineData("n: { from: notes, encode: text, weight: idf }", "(2,43): feature 'n': 'weight: idf' cannot be that. Allowed: tf, tf-idf")]
    [InlineData("n: { from: notes, encode: text, buckets: 4, vocabulary: 5 }", "(2,59): feature 'n': either 'buckets' or 'vocabulary', not both: n-grams are hashed, or the most frequent ones are kept")]
    public void Problems_BadCombination_NamesPlaceAndReason(string feature, string expected) =>
        Wrong("lightgbm", "delay > 15", feature).ShouldHaveSingleItem().ShouldStartWith("models/late.yaml" + expected);

    [Fact]
    public void Problems_NameOfAPart_IsRefused() => Wrong("lightgbm", "delay > 15", "hour: { from: date.Hour, encode: cyclic }", "hour.sin: distance").ShouldBe(
        ["models/late.yaml(3,13): feature 'hour.sin': names that begin with 'hour.' belong to the parts of feature 'hour'; give it another name"]);

    [Fact]
    public void Problems_KeepForATrainerThatCannot_IsRefused() => Wrong("logistic", "delay > 15", "hour: { from: date.Hour, encode: cyclic, missing: keep }").ShouldBe(
        ["models/late.yaml(2,17): feature 'hour': trainer 'logistic' cannot take missing values; leave 'missing' out"]);

    [Fact]
    public void Problems_EveryEncoder_IsFineAsTheEqualityTestUsesIt() => Wrong("lightgbm", "delay > 15", SameFloatsTests.Everything).ShouldBeEmpty();

    [Fact]
    public void Keys_OfEveryEncoder_AreKeysOfAFeature() => FeatureEncoders.SettingNames.ShouldBeSubsetOf(WorkspaceKeys.Of("feature"));
}
