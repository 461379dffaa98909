using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Core.Tests.Workspaces;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Series;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking;
using Serverless.Training;

namespace Serverless.Core.Tests.Tracking;

/// <summary>A model's metrics day by day, as the figures of a dataset are.</summary>
public sealed class ModelSeriesTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 10, 0, 0, 0, TimeSpan.Zero));
    private readonly LocalStore store;
    private readonly ServiceProvider services;

    public ModelSeriesTests()
    {
        store = new LocalStore(time, new SeededIds(3));
        services = new ServiceCollection().AddSingleton(folder.Load()).AddSingleton<TimeProvider>(time).AddSingleton<IdSource>(new SeededIds(4))
            .AddSingleton(store.Records).AddSingleton(store.Queue).AddSingleton(store.Objects).AddStorage().AddRuns().AddSeries().AddTracking().AddSingleton<CandidateStore>().BuildServiceProvider();
    }

    public void Dispose()
    {
        services.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    // Two trainings on the 2nd: the later counts. None on the 3rd and 4th: a gap. A holdout of one class on the 5th: no auc, and why.
    [Fact]
    public async Task Read_TrainingsOfDays_HasAPointForEachDayGapsAndReasons()
    {
        await TrainedAsync("2026-03-01T10:00:00Z", 0.70);
        await TrainedAsync("2026-03-02T10:00:00Z", 0.71);
        await TrainedAsync("2026-03-02T23:59:59Z", 0.72);
        await TrainedAsync("2026-03-05T00:00:00Z", null);
        await TrainedAsync("2026-03-06T10:00:00Z", 0.60);

        var series = (await ReadAsync(new JudgedQuery())).ShouldHaveSingleItem();

        (series.Metric, series.Grain).ShouldBe(("auc", PartitionGrain.Day));
        series.Points.Select(p => (p.Period, p.Value)).ShouldBe([("2026-03-01", 0.70), ("2026-03-02", 0.72), ("2026-03-05", null), ("2026-03-06", 0.60)]);
        series.Points[1].Partition.ShouldBe("train-20260302235959-aaaaaa");
        series.Points[2].Reason.ShouldBe("run train-20260305000000-aaaaaa has no auc, which needs rows of both classes in the holdout");
        series.Gaps.ShouldBe([new SeriesGap("2026-03-03", "2026-03-04", 2)]);

        var judged = (await ReadAsync(new JudgedQuery { Metrics = ["auc", "brier"], From = "2026-03-02", Try = Rule("absolute-change", ("min", "-0.05")) }))[0];
        judged.Points.Select(p => (p.Period, p.Anomalous)).ShouldBe([("2026-03-02", false), ("2026-03-05", false), ("2026-03-06", true)]);
        judged.Points[^1].Results.ShouldHaveSingleItem().Strategy.ShouldBe("absolute-change");
    }

    [Fact]
    public async Task Read_Paged_VisitsEachDayOnce()
    {
        for (var day = 1; day <= 5; day++) await TrainedAsync($"2026-03-0{day}T10:00:00Z", 0.7);
        var reports = services.GetRequiredService<IModelSeries>();
        var first = await reports.ReadAsync("flight-delay", new JudgedQuery { Limit = 3 });
        first.Next.ShouldBe("2026-03-03");
        (await reports.ReadAsync("flight-delay", new JudgedQuery { Limit = 3, After = first.Next })).Series[0].Points.Select(p => p.Period).ShouldBe(["2026-03-04", "2026-03-05"]);
    }

    [Fact]
    public async Task Read_WhatDoesNotExist_SaysWhatDoes()
    {
        (await Should.ThrowAsync<RequestException>(() => ReadAsync(new JudgedQuery { Metrics = ["acu"] }))).Message.ShouldStartWith("'acu' is not a metric of model 'flight-delay'. Did you mean 'auc'?");
        (await Should.ThrowAsync<RequestException>(() => ReadAsync(new JudgedQuery { Try = Rule("relative-rte") }))).Message.ShouldContain("relative-rate");
        (await ReadAsync(new JudgedQuery())).ShouldHaveSingleItem().Points.ShouldBeEmpty();
    }

    private async Task<IReadOnlyList<JudgedSeries>> ReadAsync(JudgedQuery query) => (await services.GetRequiredService<IModelSeries>().ReadAsync("flight-delay", query)).Series;

    private static AnomalyDefinition Rule(string strategy, params (string Key, string Value)[] parameters)
    {
        static Parameter Given(string text) => new([text], false, 0, 0);
        return new AnomalyDefinition { Metric = Given(""), Strategy = Given(strategy), Parameters = parameters.ToDictionary(p => p.Key, p => Given(p.Value)) };
    }

    private async Task TrainedAsync(string at, double? auc)
    {
        var when = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture);
        var metrics = new Dictionary<string, double> { ["brier"] = 0.2 };
        if (auc is { } value) metrics["auc"] = value;
        var run = new RunRecord
        {
            Id = $"train-{when:yyyyMMddHHmmss}-aaaaaa", Kind = "train", Subject = "flight-delay", State = "done", Status = RunStatus.Done, CreatedAt = when, UpdatedAt = when,
            Data = JsonSerializer.SerializeToElement(new { report = new { metrics } }, ServerlessJson.Options),
        };
        await store.Records.InsertAsync(StoreNames.Tables.Runs, "train", run.Id, JsonSerializer.Serialize(run, ServerlessJson.Options));
    }
}
