using Serverless.Search;

namespace Serverless.Core.Tests.Search;

public sealed class SamplerTests
{
    private static readonly SearchSpace Space = new([
        new TrainerSpace("trees", [new NumberDimension("rate", 1e-3, 1, Log: true, Integer: false), new NumberDimension("leaves", 2, 128, Log: true, Integer: true), new ChoiceDimension("bins", [63, 255])]),
        new TrainerSpace("linear", [new NumberDimension("l2", 0, 10, Log: false, Integer: false)]),
    ]);

    // Least, 0, at rate 0.05, 20 leaves, 255 bins; the other trainer cannot come below 0.5.
    private static double Loss(Configuration c) => c.Trainer == "linear" ? 0.5 + (c.Values["l2"] / 10)
        : Math.Pow(Math.Log10(c.Values["rate"] / 0.05), 2) + (0.2 * Math.Pow(Math.Log(c.Values["leaves"] / 20), 2)) + (c.Values["bins"] is 255 ? 0 : 0.3);

    [Fact]
    public void Next_SameSeed_GivesTheSameTrialsAndWinner()
    {
        foreach (var sampler in new ISampler[] { new RandomSampler(), new TpeSampler() })
        {
            var (first, second, other) = (Search(sampler, 40, 7), Search(sampler, 40, 7), Search(sampler, 40, 8));
            Text(second).ShouldBe(Text(first));
            Text(other).ShouldNotBe(Text(first));
        }
    }

    [Fact]
    public void Next_FromWhatIsStored_GoesOnAsIfNothingHadHappened()
    {
        var whole = Search(new TpeSampler(), 30, 3);
        var next = new TpeSampler().Next(Space, whole[..20], 20, 3);
        Text([new Observation(next, 0)]).ShouldBe(Text([whole[20] with { Loss = 0 }]));
    }

    [Fact]
    public void Next_AnySampler_StaysWithinTheSpaceOfItsTrainer()
    {
        foreach (var seen in new ISampler[] { new RandomSampler(), new TpeSampler() }.SelectMany(s => Search(s, 200, 1)))
        {
            var space = Space.Trainers.Single(t => t.Trainer == seen.Configuration.Trainer);
            seen.Configuration.Values.Keys.Order().ShouldBe(space.Dimensions.Select(d => d.Name).Order());
            foreach (var dimension in space.Dimensions)
            {
                var value = seen.Configuration.Values[dimension.Name];
                if (dimension is ChoiceDimension choice) choice.Values.ShouldContain(value);
                if (dimension is not NumberDimension number) continue;
                value.ShouldBeInRange(number.Min, number.Max);
                if (number.Integer) value.ShouldBe(Math.Round(value));
            }
        }
    }

    // At equal budget over 40 seeds: without an advantage, TPE would win about 20; 28 or more have probability 0.008. Measured: 30, with a mean best loss of 0.069 against 0.126.
    [Fact]
    public void Tpe_AgainstRandomAtEqualBudget_FindsTheBetter()
    {
        var wins = 0;
        var (tpe, random) = (0.0, 0.0);
        for (var seed = 0; seed < 40; seed++)
        {
            var (t, r) = (Search(new TpeSampler(), 50, seed).Min(o => o.Loss!.Value), Search(new RandomSampler(), 50, seed).Min(o => o.Loss!.Value));
            if (t < r) wins++;
            (tpe, random) = (tpe + (t / 40), random + (r / 40));
        }

        wins.ShouldBeGreaterThanOrEqualTo(28, $"mean best loss of TPE {tpe}, of random {random}");
        tpe.ShouldBeLessThan(random);
    }

    [Fact]
    public void Tpe_TrialsThatFailed_AreAvoided()
    {
        static double? Fails(Configuration c) => c.Trainer == "linear" ? null : Loss(c);
        var late = Search(new TpeSampler(), 80, 5, Fails).Skip(20).ToList();
        late.Count(o => o.Configuration.Trainer == "linear").ShouldBeLessThan(late.Count / 3);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Random_LogIntegerAndChoice_AreSpreadEvenlyOnTheirScale(int seed)
    {
        var trees = Enumerable.Range(0, 4000).Select(i => new RandomSampler().Next(Space, [], i, seed)).Where(c => c.Trainer == "trees").ToList();
        trees.Count.ShouldBeInRange(1850, 2150); // 2000, and almost five deviations of 31.6
        // Five standard deviations of a share of about 2000.
        (trees.Count(c => c.Values["rate"] < Math.Sqrt(1e-3)) / (double)trees.Count).ShouldBe(0.5, 0.056);
        (trees.Count(c => c.Values["bins"] is 63) / (double)trees.Count).ShouldBe(0.5, 0.056);
        (trees.Count(c => c.Values["leaves"] is 2) / (double)trees.Count).ShouldBe(Math.Log(2.5 / 1.5) / Math.Log(128.5 / 1.5), 0.036);
    }

    private static List<Observation> Search(ISampler sampler, int trials, int seed, Func<Configuration, double?>? loss = null)
    {
        var seen = new List<Observation>();
        for (var i = 0; i < trials; i++)
        {
            var configuration = sampler.Next(Space, seen, i, seed);
            seen.Add(new Observation(configuration, loss is null ? Loss(configuration) : loss(configuration)));
        }

        return seen;
    }

    private static string Text(IEnumerable<Observation> seen) =>
        string.Join('\n', seen.Select(o => $"{o.Configuration.Trainer} {string.Join(',', o.Configuration.Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value:R}"))} {o.Loss:R}"));
}
