using System.Text.Json;
using Serverless.Cli.Commands;
using Serverless.Cli.Samples;
using Serverless.Cli.Terminal;
using Serverless.Training;
using Spectre.Console;

namespace Serverless.Cli.Demo;

/// <summary>The demo's story for a person.</summary>
internal static class DemoScreen
{
    public static void Show(IAnsiConsole screen, Sample sample, DemoReport report)
    {
        var table = Cells.Table("Step", "What happened");
        table.Row("Data in", $"{Cells.Plural(report.Drops.Count, "drop")} became {Cells.Plural(report.Partitions, "immutable partition")}: {Cells.Plural(report.Rows, "row")}"
            + $" of {sample.Dataset}, {report.Drops[0].Partitions[0].Key} to {report.Drops[^1].Partitions[^1].Key}");
        table.Row("Checked", report.Quarantined == 0 ? "every row keeps the contract" : $"{Cells.Plural(report.Quarantined, "row")} broke the contract and went to quarantine, with the reason");
        foreach (var training in report.Trainings) Add(table, training);
        table.Row("Asked", sample.Asks);
        table.Marked("Answer", report.Prediction is { } prediction ? $"[bold]{Markup.Escape(Answer(prediction))}[/]" : "nobody to ask: the gate refused the model");
        screen.Write(table);
        screen.Line($"All this took {Cells.Seconds(report.Seconds)}.");
        screen.Line("Ask it yourself:");
        screen.Line();
        screen.Line($"  curl {report.Url}/v1/models/{sample.Models[0]}/predict \\");
        screen.Line("    -H 'content-type: application/json' \\");
        foreach (var line in Broken($"    -d '{{\"rows\":[{sample.Question}]}}'")) screen.Line(line);
        screen.Line();
    }

    private static void Add(Table table, TrainReport training)
    {
        table.Row($"Trained", $"{training.Model}: {Cells.Plural(training.TrainRows, "row")} to learn from, {Cells.Plural(training.HoldoutRows, "row")} held out, in {Cells.Seconds(TrainCommand.Seconds(training))}");
        table.Row("Evaluated", string.Join(", ", training.Metrics.Take(4).Select(m => $"{m.Key} {Cells.Number(m.Value)}"
            + (training.BaselineMetrics is { } b && b.TryGetValue(m.Key, out var base_) ? $" (baseline {Cells.Number(base_)})" : ""))));
        table.Marked("Gate", (training.Gate.Passed ? "[green]passed:[/] " : "[red]refused:[/] ") + Markup.Escape(string.Join("; ", training.Gate.Reasons)));
        table.Row("Registered", TrainCommand.Outcome(training));
    }

    /// <summary>JSON may have a new line after any comma, so that what is copied from a narrow terminal still works.</summary>
    private static IEnumerable<string> Broken(string text)
    {
        const int width = 78;
        for (var line = text; ; line = "      " + line)
        {
            var cut = line.Length <= width ? -1 : line.LastIndexOf(',', width - 1);
            if (cut <= 6)
            {
                yield return line;
                yield break;
            }

            yield return line[..(cut + 1)];
            line = line[(cut + 1)..];
        }
    }

    private static string Answer(JsonElement prediction)
    {
        var value = prediction.GetProperty("prediction");
        var text = value.ValueKind switch { JsonValueKind.True => "yes", JsonValueKind.False => "no", JsonValueKind.Number => Cells.Number(Math.Round(value.GetDouble(), 2)), _ => value.ToString() };
        return prediction.TryGetProperty("probability", out var probability) ? $"{text} (probability {Cells.Number(probability.GetDouble())})" : text;
    }
}
