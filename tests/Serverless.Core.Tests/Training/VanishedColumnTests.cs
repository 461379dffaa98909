using Serverless.Datasets;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scoring;

namespace Serverless.Core.Tests.Training;

/// <summary>A column that newer partitions no longer fill, and categories that training never saw: the model that serves stays, and people are told.</summary>
public sealed class VanishedColumnTests
{
    [Fact]
    public async Task Train_HoldoutLacksAColumn_NamesItAndKeepsTheChampion()
    {
        using var fixture = new TrainFixture().WithDays(10);
        (await fixture.TrainAsync()).State.Report!.Champion.ShouldBe(1);
        for (var day = 11; day <= 14; day++) Add(fixture, day, distance: false);

        var (record, state) = await fixture.TrainAsync();

        record.Status.ShouldBe(RunStatus.Failed);
        record.Reason.ShouldNotBeNull().ShouldStartWith("column 'distance' is empty in the newest 4 partitions, 2001-01-11 to 2001-01-14 (");
        record.Reason.ShouldContain(") of dataset 'flights' (400 rows), while 100 % of the 2000 rows before have it; feature 'distance' of model 'late' reads it. "
            + "The whole holdout lacks it, so nothing was trained and the champion stays; mend the source and ingest the drops again, or take the column out of the model");
        state.Report.ShouldBeNull();
        (await fixture.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
        (await fixture.Registry.VersionsAsync("late")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Train_NewestPartitionLacksAColumn_TrainsAndWarns()
    {
        using var fixture = new TrainFixture().WithDays(10);
        Add(fixture, 11, distance: false);

        var (record, state) = await fixture.TrainAsync();

        record.Status.ShouldBe(RunStatus.Done);
        state.Report!.Version.ShouldBe(1);
        state.Report.Warnings.ShouldNotBeNull().ShouldHaveSingleItem().ShouldStartWith("column 'distance' is empty in the newest partition, 2001-01-11 (");
    }

    // Filled in one row of twenty: six rows without are no news.
    [Fact]
    public async Task Train_ColumnIsSeldomFilled_DoesNotWarn()
    {
        using var fixture = new TrainFixture().WithDays(9);
        var random = new Random(5);
        for (var day = 10; day <= 12; day++) Add(fixture, day, distance: true, rows: 200, filled: () => random.NextDouble() < 0.9);
        Add(fixture, 13, distance: false, rows: 3);

        var (record, state) = await fixture.TrainAsync();

        record.Status.ShouldBe(RunStatus.Done);
        state.Report!.Warnings.ShouldBeNull();
    }

    // From training over the registry to an answer: a category never seen is a missing one, in a request as in a batch.
    [Fact]
    public async Task Score_CategoryNeverSeen_IsTheAnswerForAMissingOne()
    {
        using var fixture = new TrainFixture().WithDays(10);
        await fixture.TrainAsync();
        var pipeline = (ScoringPipeline)await fixture.Registry.LoadAsync("late", 1);
        var served = new ServedModel(pipeline, "champion", []);

        double Ask(string origin)
        {
            var request = new PredictionRequest();
            RequestReader.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"rows":[{"date":"2001-02-01T18:00:00Z","distance":500,"origin":{{origin}}}]}"""), served, request, new RequestLimits());
            request.Errors.ShouldBeNull();
            return request.Outputs(0)[0];
        }

        var missing = Ask("null");
        Ask("\"NEW\"").ShouldBe(missing);
        Ask("\"SFO\"").ShouldNotBe(missing);
        var table = new Table(2,
        [
            new TimestampColumn("date", [new DateTime(2001, 2, 1, 18, 0, 0).Ticks, new DateTime(2001, 2, 1, 18, 0, 0).Ticks], null), new NumberColumn("distance", [500, 500], null),
            new StringColumn("origin", [0, -1], ["NEW"], [false, true]),
        ]);
        BatchScorer.Outputs(pipeline, table).ShouldBe([missing, missing]);
    }

    private static void Add(TrainFixture fixture, int day, bool distance, int rows = 100, Func<bool>? filled = null)
    {
        var start = new DateTime(2001, 1, day).Ticks;
        var hours = Enumerable.Range(0, rows).Select(i => (long)i * 24 / rows).ToArray();
        fixture.Data.Add($"2001-01-{day:D2}", new Table(rows,
        [
            new TimestampColumn("date", [.. hours.Select(h => start + h * TimeSpan.TicksPerHour)], null),
            new IntegerColumn("delay", [.. hours.Select(h => h > 12 ? 40L : 0)], new bool[rows]),
            new NumberColumn("distance", [.. hours.Select(h => (double)h)], [.. hours.Select(_ => !distance || filled is not null && !filled())]),
            new StringColumn("origin", new int[rows], ["ATL", "JFK", "LAX", "ORD", "SFO"], null),
            new BooleanColumn("weekend", new bool[rows], null),
        ]), fixture.Time.GetUtcNow(), null);
    }
}
