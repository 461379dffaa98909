namespace Serverless.Search;

/// <summary>
/// Many configurations on few rows, the best of them on more, and so on. The resource is a share of the training rows, the latest by time: every trainer has rows, not every one
/// has iterations. Source: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
/// </summary>
/// <param name="Factor">One of so many goes on to the next rung, with so many times the rows; 2 at least.</param>
/// <param name="Rungs">1 at least; with 1 everything is tried on all rows.</param>
internal sealed record SuccessiveHalving(int Factor, int Rungs)
{
    /// <summary>Share of the rows on a rung, counted from 0; 1 on the last.</summary>
    public double Share(int rung) => Math.Pow(Factor, rung - (Rungs - 1));

    /// <summary>How many trials each rung gets when <paramref name="trials"/> are allowed in all. A rung that would get none is left out at the end.</summary>
    public IReadOnlyList<int> Plan(int trials)
    {
        var first = Math.Max(0, trials);
        while (Counts(first).Sum() > trials) first--;
        return [.. Counts(first).TakeWhile(n => n > 0)];
    }

    /// <summary>The trials that go on: one of <see cref="Factor"/>, those of the least loss. Failed ones never do; of equal ones the earlier.</summary>
    /// <param name="rung">Every trial of a rung with its loss.</param>
    public IReadOnlyList<int> Promoted(IReadOnlyList<(int Trial, double? Loss)> rung) =>
        [.. rung.Where(t => t.Loss is { } loss && double.IsFinite(loss)).OrderBy(t => t.Loss).ThenBy(t => t.Trial).Take(rung.Count / Factor).Select(t => t.Trial)];

    private IEnumerable<int> Counts(int first)
    {
        for (var (rung, n) = (0, first); rung < Rungs; rung++, n /= Factor) yield return n;
    }
}
