using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Fairness;

/// <summary>Compares answers by group. One pass over the rows for each class.</summary>
internal static class GroupFairness
{
    /// <summary>Groups that are listed, at most: the largest.</summary>
    public const int MostGroups = 200;

    // Classes that are looked at one against the rest, at most: the most frequent.
    private const int MostClasses = 20;

    /// <param name="grouping">Of the same rows.</param>
    public static IEnumerable<GroupingFairness> Compare(JudgedRows rows, Grouping grouping, int minRows, double confidence)
    {
        if (rows.Task != TaskKind.Multiclass)
        {
            yield return Compare(rows, grouping, 1, null, minRows, confidence);
            yield break;
        }

        var counts = new long[rows.Classes.Count];
        foreach (var truth in rows.Truth)
        {
            if (truth >= 0) counts[(int)truth]++;
        }

        foreach (var k in Enumerable.Range(0, counts.Length).OrderByDescending(k => counts[k]).Take(MostClasses).Order())
        {
            yield return Compare(rows, grouping, k, rows.Classes[k], minRows, confidence);
        }
    }

    private static GroupingFairness Compare(JudgedRows rows, Grouping grouping, int @class, string? name, int minRows, double confidence)
    {
        var tallies = grouping.Names.Select(_ => new GroupTally()).ToArray();
        var outside = 0L;
        for (var i = 0; i < rows.Rows; i++)
        {
            if (grouping.Codes[i] < 0) outside++;
            else if (rows.Task == TaskKind.Regression) tallies[grouping.Codes[i]].AddValue(rows.Outputs[i], rows.Truth[i]);
            else tallies[grouping.Codes[i]].AddAnswer(rows.Probability(i, @class), rows.Says(i, @class), rows.Task == TaskKind.Binary ? rows.Truth[i] > 0.5 : (int)rows.Truth[i] == @class);
        }

        var groups = grouping.Names.Zip(tallies, (n, t) => new Tallied(n, t)).OrderByDescending(g => g.Tally.Rows).ThenBy(g => g.Name, StringComparer.Ordinal).ToArray();
        return new GroupingFairness
        {
            Grouping = grouping.Name, Class = name, RowsWithoutGroup = outside, GroupsNotListed = Math.Max(0, groups.Length - MostGroups),
            Groups = [.. groups.Take(MostGroups).Select(g => Facts(g, rows.Task, minRows, confidence))],
            Disparities = new Disparities(groups, minRows, confidence).Of(rows.Task),
        };
    }

    private static GroupFacts Facts(Tallied group, TaskKind task, int minRows, double confidence)
    {
        var tally = group.Tally;
        var rates = new Dictionary<string, GroupRate>();
        if (task == TaskKind.Regression)
        {
            rates[FairnessMeasures.Rate.MeanError] = Mean(tally.Error, minRows, confidence);
            rates[FairnessMeasures.Rate.AbsoluteError] = Mean(tally.AbsoluteError, minRows, confidence);
        }
        else
        {
            foreach (var (rate, part, whole) in tally.Shares())
            {
                rates[rate] = new GroupRate(whole == 0 ? null : (double)part / whole, whole, Proportions.Wilson(part, whole, confidence), TooFew(whole, minRows));
            }

            rates[FairnessMeasures.Rate.CalibrationGap] = Mean(tally.Error, minRows, confidence);
            rates[FairnessMeasures.Rate.Calibration] = new GroupRate(tally.Rows == 0 ? null : tally.CalibrationError, tally.Rows, null, TooFew(tally.Rows, minRows));
        }

        return new GroupFacts(group.Name, tally.Rows, task == TaskKind.Regression ? null : tally.Positives, rates)
        {
            MeanPredicted = tally.Rows == 0 ? null : tally.MeanPredicted, MeanObserved = tally.Rows == 0 ? null : tally.MeanObserved,
        };
    }

    private static GroupRate Mean((double Mean, double Variance, long Rows) of, int minRows, double confidence) =>
        new(of.Rows == 0 ? null : of.Mean, of.Rows, GroupTally.MeanInterval(of, confidence), TooFew(of.Rows, minRows));

    internal static string? TooFew(long rows, int minRows) => rows == 0 ? "no rows" : rows < minRows ? $"{rows} rows, fewer than {minRows}" : null;
}

internal sealed record Tallied(string Name, GroupTally Tally);
