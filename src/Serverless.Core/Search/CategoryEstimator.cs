namespace Serverless.Search;

/// <summary>Probabilities of categories: how often each was tried, and one more for the prior (Bergstra et al. 2011, section 4.2).</summary>
internal sealed class CategoryEstimator
{
    private readonly double[] probabilities;

    public CategoryEstimator(int categories, IEnumerable<int> values)
    {
        var counts = Enumerable.Repeat(1.0, categories).ToArray();
        foreach (var value in values) counts[value]++;
        var total = counts.Sum();
        probabilities = [.. counts.Select(c => c / total)];
    }

    public int Draw(Random random)
    {
        var left = random.NextDouble();
        for (var i = 0; i < probabilities.Length - 1; i++)
        {
            if ((left -= probabilities[i]) < 0) return i;
        }

        return probabilities.Length - 1;
    }

    public double LogDensity(int value) => Math.Log(probabilities[value]);
}
