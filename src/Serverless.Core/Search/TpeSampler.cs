namespace Serverless.Search;

/// <summary>
/// Tree-structured Parzen estimator: what was tried is split into the good (the best 15 %) and the rest, and of values drawn as the good are spread the one is taken for which
/// good : rest is greatest. First the trainer, drawn as it stands among the good so that no trainer is shut out early; then its hyperparameters, one by one, from the trials of that
/// trainer. Source: J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, "Algorithms for hyper-parameter optimization", NeurIPS 2011.
/// </summary>
internal sealed class TpeSampler : ISampler
{
    /// <summary>Trials drawn at random before anything is estimated.</summary>
    public const int Startup = 10;

    /// <summary>Trials of one trainer before its hyperparameters are estimated.</summary>
    private const int StartupOfTrainer = 5;
    private const double Good = 0.15;
    private const int Candidates = 24;

    private readonly RandomSampler first = new();

    public string Name => "tpe";

    public Configuration Next(SearchSpace space, IReadOnlyList<Observation> seen, int trial, int seed)
    {
        if (seen.Count < Startup) return first.Next(space, seen, trial, seed);
        var random = TrialRandom.Of(seed, trial);
        var names = space.Trainers.Select(t => t.Trainer).ToList();
        var trainer = space.Trainers[new CategoryEstimator(names.Count, Split(seen).Good.Select(o => names.IndexOf(o.Configuration.Trainer))).Draw(random)];
        var own = seen.Where(o => o.Configuration.Trainer == trainer.Trainer).ToList();
        if (own.Count < StartupOfTrainer) return RandomSampler.Draw(trainer, random);
        var (good, rest) = Split(own);
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var dimension in trainer.Dimensions)
        {
            values[dimension.Name] = dimension switch
            {
                NumberDimension number => Best(new ParzenEstimator(number, Tried(good, number)), new ParzenEstimator(number, Tried(rest, number)), random),
                ChoiceDimension choice => choice.Values[Best(new CategoryEstimator(choice.Values.Count, Indices(good, choice)), new CategoryEstimator(choice.Values.Count, Indices(rest, choice)), random)],
                _ => throw new InvalidOperationException($"no estimator for {dimension.GetType().Name}"),
            };
        }

        return new Configuration(trainer.Trainer, values);
    }

    /// <summary>Failed trials are the worst; equal ones stand in the order of their numbers.</summary>
    private static (List<Observation> Good, List<Observation> Others) Split(IReadOnlyList<Observation> seen)
    {
        var ordered = seen.OrderBy(o => o.Loss is { } loss && double.IsFinite(loss) ? loss : double.PositiveInfinity).ToList();
        var good = (int)Math.Ceiling(Good * ordered.Count);
        return (ordered[..good], ordered[good..]);
    }

    private static IEnumerable<double> Tried(List<Observation> seen, Dimension dimension) => seen.Select(o => o.Configuration.Values[dimension.Name]);

    private static IEnumerable<int> Indices(List<Observation> seen, ChoiceDimension choice) => Tried(seen, choice).Select(v => choice.Values.ToList().IndexOf(v));

    private static double Best(ParzenEstimator good, ParzenEstimator rest, Random random) =>
        Enumerable.Range(0, Candidates).Select(_ => good.Draw(random)).ToArray().MaxBy(v => good.LogDensity(v) - rest.LogDensity(v));

    private static int Best(CategoryEstimator good, CategoryEstimator rest, Random random) =>
        Enumerable.Range(0, Candidates).Select(_ => good.Draw(random)).ToArray().MaxBy(v => good.LogDensity(v) - rest.LogDensity(v));
}
