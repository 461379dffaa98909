using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Evaluation;

/// <summary>
/// Whether stated probabilities come true. Binary: the probability of true against how often it was true. Multiclass: the probability of the answer against how often it was
/// right (C. Guo et al., "On calibration of modern neural networks", 2017). Bins are those of <c>sklearn.calibration.calibration_curve</c>: a value on an edge belongs to the
/// bin below.
/// </summary>
public sealed record CalibrationReport
{
    /// <summary>Bins of each table.</summary>
    public const int Bins = 10;

    /// <summary>Mean squared difference of probability and outcome; multiclass: summed over the classes.</summary>
    public required double Brier { get; init; }

    /// <summary>Expected calibration error: mean over the rows of |stated - observed| of their bin, equal-width bins.</summary>
    public required double Ece { get; init; }

    /// <summary>The largest |stated - observed| of the equal-width bins.</summary>
    public required double MaxError { get; init; }

    /// <summary>The expected calibration error over bins that hold about as many rows each.</summary>
    public required double EceEqualCount { get; init; }

    public required IReadOnlyList<ReliabilityBin> EqualWidth { get; init; }

    public required IReadOnlyList<ReliabilityBin> EqualCount { get; init; }

    /// <summary>Null for regression, for no rows and where an answer is not a number.</summary>
    internal static CalibrationReport? Of(TaskKind task, Answers answers)
    {
        if (task == TaskKind.Regression || answers.Truth.Length == 0 || Array.Exists(answers.Outputs, o => !double.IsFinite(o))) return null;
        var (stated, came, brier) = task == TaskKind.Binary ? Binary(answers) : Multiclass(answers);
        var width = Table(stated, came, Width());
        var sorted = (double[])stated.Clone();
        Array.Sort(sorted);
        var count = Table(stated, came, [.. Enumerable.Range(0, Bins + 1).Select(b => SortedQuantile.Of(sorted, (double)b / Bins))]);
        return new CalibrationReport
        {
            Brier = brier, Ece = Error(width, stated.Length), EceEqualCount = Error(count, stated.Length), MaxError = width.Max(b => Math.Abs(b.Stated - b.Observed)), EqualWidth = width, EqualCount = count,
        };
    }

    /// <summary>Expected calibration error over equal-width bins.</summary>
    internal static double ExpectedError(double[] stated, bool[] came) => Error(Table(stated, came, Width()), stated.Length);

    /// <summary>The equal-width bin of a probability.</summary>
    internal static int WidthBin(double stated)
    {
        var bin = 0;
        while (bin < Bins - 1 && (bin + 1.0) / Bins < stated) bin++;
        return bin;
    }

    private static (double[] Stated, bool[] Came, double Brier) Binary(Answers answers)
    {
        var brier = 0.0;
        for (var i = 0; i < answers.Truth.Length; i++) brier += (answers.Outputs[i] - answers.Truth[i]) * (answers.Outputs[i] - answers.Truth[i]);
        return (answers.Outputs, Array.ConvertAll(answers.Truth, t => t > 0.5), brier / answers.Truth.Length);
    }

    private static (double[] Stated, bool[] Came, double Brier) Multiclass(Answers answers)
    {
        var classes = answers.Classes.Count;
        var (stated, came, brier) = (new double[answers.Truth.Length], new bool[answers.Truth.Length], 0.0);
        for (var i = 0; i < stated.Length; i++)
        {
            var row = answers.Outputs.AsSpan(i * classes, classes);
            var best = RowLoss.Best(row);
            (stated[i], came[i]) = (row[best], best == (int)answers.Truth[i]);
            brier += RowLoss.Brier(row, (int)answers.Truth[i]);
        }

        return (stated, came, brier / stated.Length);
    }

    private static double[] Width() => [.. Enumerable.Range(0, Bins + 1).Select(b => (double)b / Bins)];

    private static ReliabilityBin[] Table(double[] stated, bool[] came, double[] edges)
    {
        var (rows, sums, trues) = (new long[Bins], new double[Bins], new long[Bins]);
        var inner = edges.AsSpan(1, Bins - 1);
        for (var i = 0; i < stated.Length; i++)
        {
            var bin = 0;
            while (bin < inner.Length && inner[bin] < stated[i]) bin++;
            rows[bin]++;
            sums[bin] += stated[i];
            if (came[i]) trues[bin]++;
        }

        return [.. Enumerable.Range(0, Bins).Where(b => rows[b] > 0).Select(b => new ReliabilityBin(edges[b], edges[b + 1], rows[b], sums[b] / rows[b], (double)trues[b] / rows[b]))];
    }

    private static double Error(ReliabilityBin[] bins, long rows) => bins.Sum(b => b.Rows * Math.Abs(b.Stated - b.Observed)) / rows;
}

/// <summary>Rows of similar stated probability.</summary>
/// <param name="From">Above this (the first bin: from this on).</param>
/// <param name="To">Up to and with this.</param>
/// <param name="Stated">Mean stated probability.</param>
/// <param name="Observed">Share that came true.</param>
public sealed record ReliabilityBin(double From, double To, long Rows, double Stated, double Observed);
