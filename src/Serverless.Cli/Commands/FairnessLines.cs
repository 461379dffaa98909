using Serverless.Cli.Terminal;
using Serverless.Fairness;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary>Answers by group on the screen: the rates that are compared most, all of them are in the JSON.</summary>
internal static class FairnessLines
{
    private const int MostGroups = 12;
    private static readonly string[] OfClasses = ["selection-rate", "recall", "fpr", "calibration-gap"];
    private static readonly string[] OfNumbers = ["mean-error", "mae"];
    private static readonly string[] Compared = ["demographic-parity", "equal-opportunity", "equalised-odds", "mean-error"];

    public static void Show(IAnsiConsole screen, FairnessReport report)
    {
        foreach (var grouping in report.Groupings)
        {
            screen.Line();
            screen.Line($"By {grouping.Grouping}{(grouping.Class is null ? "" : $", class {grouping.Class}")}:");
            var rates = grouping.Groups.Count > 0 && grouping.Groups[0].Rates.ContainsKey(OfNumbers[0]) ? OfNumbers : OfClasses;
            var table = Cells.Table(["Group", ">Rows", .. rates.Select(r => $">{r}")]);
            foreach (var group in grouping.Groups.Take(MostGroups)) table.Row([group.Group, Cells.Count(group.Rows), .. rates.Select(r => Cell(group.Rates[r]))]);
            screen.Write(table);
            var hidden = grouping.Groups.Count - MostGroups + grouping.GroupsNotListed;
            if (hidden > 0) screen.Line($"{Cells.Plural(hidden, "smaller group")} more (--json shows them). A rate in brackets is of too few rows to be compared.");
            foreach (var d in grouping.Disparities.Where(d => Compared.Contains(d.Measure))) screen.Line($"  {Sentence(d)}");
        }
    }

    private static string Cell(GroupRate rate) => rate.Value is null ? "-" : rate.NotApplicable is null ? Cells.Number(rate.Value) : $"({Cells.Number(rate.Value)})";

    private static string Sentence(Disparity d) => d.NotApplicable is { } why ? $"{d.Measure}: not compared, {why}"
        : $"{d.Measure}: difference {Cells.Number(d.Difference)} between {d.Highest} and {d.Lowest}{(d.DifferenceInterval is { } i ? $" ({i})" : "")}{(d.Ratio is { } r ? $", ratio {Cells.Number(r)}" : "")}";
}
