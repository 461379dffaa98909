namespace Serverless.Performance;

/// <summary>Where the reference has answers: outside of it nothing was learned about how right the model is, and an estimate is a guess.</summary>
internal sealed class Support
{
    private const int Bins = 50, LeastRows = 5;

    private readonly double from;
    private readonly double width;
    private readonly int[] rows = new int[Bins];

    private Support(double from, double width) => (this.from, this.width) = (from, width);

    public static Support Of(double[] scores)
    {
        var (least, most) = (scores.Min(), scores.Max());
        var support = new Support(least, Math.Max(most - least, double.Epsilon) / Bins);
        foreach (var score in scores) support.rows[support.Bin(score)!.Value]++;
        return support;
    }

    /// <summary>Share of answers around which the reference has fewer than five rows: of fifty intervals between its least and its largest answer, in that of the answer and its two neighbours.</summary>
    public double Outside(double[] scores) => scores.Length == 0 ? 0 : scores.Count(s => Bin(s) is not { } bin || rows[bin] + (bin > 0 ? rows[bin - 1] : 0) + (bin < Bins - 1 ? rows[bin + 1] : 0) < LeastRows) / (double)scores.Length;

    private int? Bin(double score) => score < from || score > from + (width * Bins * (1 + 1e-12)) ? null : (int)Math.Min(Bins - 1, (score - from) / width);
}
