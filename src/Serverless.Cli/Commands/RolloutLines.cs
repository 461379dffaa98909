using System.Globalization;
using Serverless.Cli.Terminal;
using Serverless.Rollouts;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary>Rollouts for people.</summary>
internal static class RolloutLines
{
    public static string Head(RolloutRecord r) => $"{r.Id}: {r.Kind.ToString().ToLowerInvariant()} of version {r.Challenger} against {r.Champion}, {State(r)}, "
        + string.Join(", ", r.Variants.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Name} {v.Percent:0.###} %"))) + $". {r.Reason}";

    public static void Show(IAnsiConsole screen, RolloutReport report)
    {
        screen.Line(Head(report.Rollout));
        var table = Cells.Table("Variant", ">Version", ">Share", ">Requests", ">Failed", ">p50 ms", ">p99 ms");
        foreach (var t in report.Totals)
        {
            table.Row(t.Variant, $"{t.Version}", string.Create(CultureInfo.InvariantCulture, $"{t.Percent:0.###} %"), $"{t.Calls}", $"{t.Failures}", Number(t.P50), Number(t.P99));
        }

        screen.Write(table);
        foreach (var guard in report.Guards) screen.Line($"{(guard.Broken ? "broken" : "holds")}  {guard.Guard}: {guard.Message}");
        foreach (var arm in report.Experiment?.Arms ?? [])
        {
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"{arm.Variant}: {arm.Count:0} of {arm.Subjects} subjects with an outcome, mean {Number(arm.Mean)} ({Number(arm.Lower)} to {Number(arm.Upper)})")
                + (arm.Difference is null ? "" : $", difference {Number(arm.Difference)} ({Number(arm.DifferenceLower)} to {Number(arm.DifferenceUpper)}), always-valid p {Number(arm.AlwaysValidP)}")
                + (arm.Best is null ? "" : $", best with probability {Number(arm.Best)}"));
        }

        if (report.Experiment is { } experiment) screen.Line(experiment.Verdict);
        screen.Line($"Next: {report.Next}");
    }

    private static string State(RolloutRecord r) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(r.State.ToString()).Replace('-', ' ');

    private static string Number(double? value) => value is { } v ? v.ToString("0.####", CultureInfo.InvariantCulture) : "";
}
