using System.Text.Json;
using Serverless.Datasets;
using Serverless.FeatureViews;

namespace Serverless.Core.Tests.FeatureViews;

public sealed class ViewTermsTests
{
    private static readonly ViewTerms View = new()
    {
        Dataset = "trains", Keys = ["line"], Time = "at", Ttl = TimeSpan.FromDays(3),
        Features = [new("mean", ColumnType.Number, AggregateFunction.Mean, "delay", null, TimeSpan.FromDays(2)), new("late", ColumnType.Number, AggregateFunction.Rate, null, "delay > 5", null)],
    };

    [Fact]
    public void Differences_SameTerms_AreNoneAndTheHashIsTheSameAfterARoundTrip()
    {
        var read = JsonSerializer.Deserialize<ViewTerms>(JsonSerializer.Serialize(View, ServerlessJson.Options), ServerlessJson.Options)!;
        View.Differences(read).ShouldBeEmpty();
        read.Hash.ShouldBe(View.Hash);
    }

    [Fact]
    public void Differences_EverythingThatDecidesAboutValues_IsSaid()
    {
        var now = View with
        {
            Dataset = "trams", Keys = ["line", "stop"], Time = "known", Created = "known", KnownAfter = TimeSpan.FromHours(1), Ttl = null, Sql = "SELECT 1",
            Features = [View.Features[0] with { Over = TimeSpan.FromDays(1) }],
        };
        View.Differences(now).ShouldBe(
        [
            "dataset was trains, is trams", "keys was line, is line, stop", "time was at, is known", "created was none, is known", "knownAfter was 00:00:00, is 01:00:00", "ttl was 3.00:00:00, is none", "its SQL is another",
            "feature mean was mean(delay) over 2.00:00:00, number, is mean(delay) over 1.00:00:00, number", "feature late is gone",
        ]);
        now.Hash.ShouldNotBe(View.Hash);
    }

    [Fact]
    public void Differences_AFeatureMore_ChangesNothingForWhoReadsTheOthers() =>
        View.Differences(View with { Features = [.. View.Features, new("more", ColumnType.Integer, AggregateFunction.Count, null, null, null)] }).ShouldBeEmpty();
}
