namespace Serverless.Search;

/// <summary>Every trial by itself, evenly over the space. Source: J. Bergstra, Y. Bengio, "Random search for hyper-parameter optimization", JMLR 13, 2012.</summary>
internal sealed class RandomSampler : ISampler
{
    public string Name => "random";

    public Configuration Next(SearchSpace space, IReadOnlyList<Observation> seen, int trial, int seed)
    {
        var random = TrialRandom.Of(seed, trial);
        return Draw(space.Trainers[random.Next(space.Trainers.Count)], random);
    }

    /// <summary>A configuration of one trainer.</summary>
    public static Configuration Draw(TrainerSpace trainer, Random random)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var dimension in trainer.Dimensions) values[dimension.Name] = dimension.Draw(random);
        return new Configuration(trainer.Trainer, values);
    }
}
