using Serverless.Models;
using Serverless.Search;

namespace Serverless.Core.Tests.Search;

public sealed class TrialOrderTests
{
    private static readonly SearchSpace Space = new([new TrainerSpace("trees", [new NumberDimension("rate", 1e-3, 1, Log: true, Integer: false), new NumberDimension("leaves", 2, 128, Log: true, Integer: true)])]);

    private static SearchPlan Plan(int? trials = 30, int parallel = 1, int factor = 3, int rungs = 3, SearchSpace? space = null, string sampler = "random") => new()
    {
        Task = TaskKind.Binary, Sampler = sampler, Seed = 7, Trials = trials, Parallel = parallel, Halving = new SuccessiveHalving(factor, rungs), Metric = "log-loss", MoreIsBetter = false, Space = space ?? Space,
        Own = new Configuration("trees", new Dictionary<string, double> { ["rate"] = 0.1, ["leaves"] = 31 }), OwnInSpace = true,
        Window = new TrialWindow(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch.AddDays(2)),
    };

    private static double Loss(Configuration c) => Math.Abs(Math.Log10(c.Values["rate"] / 0.05)) + Math.Abs(Math.Log(c.Values.GetValueOrDefault("leaves", 20) / 20));

    /// <summary>A search by so many workers, each of which ends one of the trials under way, chosen by chance.</summary>
    private static List<OrderedTrial> Search(SearchPlan plan, int workers = 1, int chance = 1, Func<OrderedTrial, double?>? loss = null)
    {
        var (order, random, trials) = (new TrialOrder(plan, plan.Sampler == "tpe" ? new TpeSampler() : new RandomSampler()), new Random(chance), new List<OrderedTrial>());
        while (true)
        {
            while (order.Next(trials).Trial is { } next) trials.Add(new OrderedTrial(trials.Count, next.Configuration, next.Rung, next.From, next.Own, false, null));
            var open = trials.Where(t => !t.Ended).Take(workers).ToArray();
            if (open.Length == 0) return trials;
            var ended = open[random.Next(open.Length)];
            trials[ended.Number] = ended with { Ended = true, Loss = loss is null ? Loss(ended.Configuration) : loss(ended) };
        }
    }

    private static string[] Text(IEnumerable<OrderedTrial> trials) => [.. trials.Select(t => $"{t.Number} {t.Rung} {t.From} {string.Join(',', t.Configuration.Values.Select(v => $"{v.Key}={v.Value:R}"))} {t.Loss:R}")];

    [Theory, InlineData("random"), InlineData("tpe")]
    public void Next_AnyNumberOfWorkersInAnyOrder_GivesTheSameTrials(string sampler)
    {
        var plan = Plan(60, parallel: 6, sampler: sampler);
        var one = Text(Search(plan));
        one.Length.ShouldBe(60);
        for (var chance = 0; chance < 10; chance++) Text(Search(plan, workers: 1 + (chance % 6), chance)).ShouldBe(one);
        Text(Search(plan with { Seed = 8 })).ShouldNotBe(one);
    }

    [Fact]
    public void Next_FirstTrial_IsTheModelFilesOwnOnAllRows()
    {
        var first = Search(Plan())[0];
        (first.Own, first.Rung, first.From).ShouldBe((true, 2, null));
        first.Configuration.Values.ShouldBe(Plan().Own.Values);
    }

    [Fact]
    public void Next_Rungs_AThirdGoesOnAndTheyAreTheBest()
    {
        var trials = Search(Plan(80));
        var rungs = trials.Where(t => !t.Own).GroupBy(t => t.Rung).ToDictionary(g => g.Key, g => g.ToArray());
        // The last two trials are the end game's.
        rungs[1].Length.ShouldBeInRange((rungs[0].Length / 3) - 1, (rungs[0].Length / 3) + 2);
        rungs[2].Length.ShouldBeInRange((rungs[1].Length / 3) - 1, (rungs[1].Length / 3) + 2);
        foreach (var promoted in trials.Where(t => t.From is not null))
        {
            var from = trials[promoted.From!.Value];
            (from.Rung, from.Configuration).ShouldBe((promoted.Rung - 1, promoted.Configuration));
            // When it went on it was among the best third of its rung; in the end game the best that was left.
            if (promoted.Number >= 78) continue;
            var then = trials.Take(promoted.Number).Where(t => t.Rung == from.Rung && !t.Own).ToArray();
            then.Count(t => t.Loss < from.Loss).ShouldBeLessThan(then.Length / 3, $"trial {promoted.Number}");
        }

        trials.Where(t => t.From is not null).Select(t => t.From).ShouldBeUnique();
        trials.Where(t => t.Rung == 2).MinBy(t => t.Loss)!.Own.ShouldBeFalse();
    }

    [Fact]
    public void Next_TwelveTrials_JudgesSomeOnAllRows()
    {
        var plan = Plan(12, parallel: 4, rungs: 2);
        var trials = Search(plan);
        trials.Count.ShouldBe(12);
        trials.Count(t => t is { Rung: 1, Own: false }).ShouldBeGreaterThanOrEqualTo(2);
        trials[^1].Rung.ShouldBe(1); // a new configuration would come too late for all rows
    }

    [Fact]
    public void Next_FailedTrials_NeverGoOnAndDoNotEndTheSearch()
    {
        var trials = Search(Plan(40), loss: t => t.Configuration.Values["rate"] > 0.03 ? null : Loss(t.Configuration));
        trials.Count.ShouldBe(40);
        trials.Where(t => t.From is not null).ShouldAllBe(t => trials[t.From!.Value].Loss != null);
        trials.Count(t => t.From is not null).ShouldBeGreaterThan(5);
        Search(Plan(20), loss: _ => null).Count.ShouldBe(20);
    }

    [Fact]
    public void Next_SmallSpace_TriesEverythingOnceAndThenOnAllRows()
    {
        var space = new SearchSpace([new TrainerSpace("trees", [new ChoiceDimension("rate", [0.01, 0.05, 0.1])])]);
        var own = new Configuration("trees", new Dictionary<string, double> { ["rate"] = 0.1 });
        var order = Search(Plan(40, parallel: 2, rungs: 2, space: space) with { Own = own });
        order.Select(t => (t.Configuration.Values["rate"], t.Rung)).Order().ShouldBe([(0.01, 0), (0.01, 1), (0.05, 0), (0.05, 1), (0.1, 1)]);
        new TrialOrder(Plan(40, parallel: 2, rungs: 2, space: space) with { Own = own }, new RandomSampler()).Next(order).Exhausted.ShouldBeTrue();
    }

    [Fact]
    public void Next_TrialsUnderWay_WaitsForAllButTheLastFew()
    {
        var order = new TrialOrder(Plan(parallel: 3), new RandomSampler());
        OrderedTrial Trial(int number, bool ended) => new(number, Plan().Own, 0, null, number == 0, ended, ended ? 1 : null);
        order.Next([Trial(0, false), Trial(1, false)]).Trial.ShouldNotBeNull();
        order.Next([Trial(0, false), Trial(1, true), Trial(2, true)]).ShouldBe(NextTrial.Wait);
        order.Next([Trial(0, true), Trial(1, false), Trial(2, false)]).Trial.ShouldNotBeNull();
    }

    [Fact]
    public void Next_NumbersDrawn_HaveFourDigitsWithinTheBounds() =>
        Search(Plan(200, rungs: 1)).Skip(1).ShouldAllBe(t => t.Configuration.Values["rate"].ToString("R", System.Globalization.CultureInfo.InvariantCulture).TrimStart('0', '.').Length <= 6
            && t.Configuration.Values["rate"] >= 1e-3 && t.Configuration.Values["rate"] <= 1);
}
