namespace Serverless.Search;

/// <summary>
/// Many configurations on few rows, the best of them on more, and so on. The resource is a share of the training rows, the latest by time: every trainer has rows, not every one
/// has iterations. Source: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
/// </summary>
/// <param name="Factor">One of so many goes on to the next rung, with so many times the rows; 2 at least.</param>
/// <param name="Rungs">1 at least; with 1 everything is tried on all rows.</param>
internal sealed record SuccessiveHalving(int Factor, int Rungs)
{
    /// <summary>On fewer rows a trial says too little about its configuration to throw it away for.</summary>
    public const int LeastRows = 1000;

    /// <summary>Share of the rows on a rung, counted from 0; 1 on the last.</summary>
    public double Share(int rung) => Math.Pow(Factor, rung - (Rungs - 1));

    /// <summary>The same with so few rungs that a configuration can come through all of them, and that the first has rows enough.</summary>
    /// <param name="trials">What may be spent, the model file's own settings not counted; null = no limit.</param>
    /// <param name="rows">Rows of the last rung.</param>
    public SuccessiveHalving Within(int? trials, long rows)
    {
        var rungs = Rungs;
        while (rungs > 1 && (Enumerable.Range(0, rungs).Sum(r => Math.Pow(Factor, r)) > (trials ?? double.PositiveInfinity) || rows < LeastRows * Math.Pow(Factor, rungs - 1))) rungs--;
        return this with { Rungs = rungs };
    }

    /// <summary>The trials that go on: one of <see cref="Factor"/>, those of the least loss.</summary>
    /// <param name="rung">Every trial of a rung with its loss.</param>
    public IReadOnlyList<int> Promoted(IReadOnlyList<(int Trial, double? Loss)> rung) => [.. Ranked(rung).Take(rung.Count / Factor)];

    /// <summary>By loss, the least first. Failed ones are left out; of equal ones the earlier comes first.</summary>
    public static IReadOnlyList<int> Ranked(IReadOnlyList<(int Trial, double? Loss)> rung) =>
        [.. rung.Where(t => t.Loss is { } loss && double.IsFinite(loss)).OrderBy(t => t.Loss).ThenBy(t => t.Trial).Select(t => t.Trial)];
}
