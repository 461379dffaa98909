using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Scoring;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>replay-prediction ID</c>: computes a logged prediction again from its record and its version, and says whether the answer is the same.</summary>
internal static class ReplayPredictionCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("ID") { Description = "Id of a prediction, as its answer and the log have it; RUN/ROW of a batch." };
        var model = new Option<string?>("--model") { Description = "Whose prediction it is: saves a look into the logs of other models.", HelpName = "MODEL" };
        var command = new Command("replay-prediction", "Make a logged prediction again from its record and version, and say whether the answer is equal. Stores nothing.") { id, model };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.All);
            var report = await open.Get<IPredictionReplay>().ReplayAsync(context.Parsed.GetRequiredValue(id), context.Parsed.GetValue(model), context.Cancel);
            context.Output.Answer(report, screen => Show(screen, report));
            return report.Equal ? ExitCode.Done : ExitCode.No;
        })
        {
            Examples = ["serverless-ml replay-prediction 01ke3v6n4qk2m7x0000000001f", "serverless-ml replay-prediction score-20260131120000-abc123/17"],
        };
    }

    private static void Show(IAnsiConsole screen, PredictionReplayReport report)
    {
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Model} version {report.Version} ({report.Role}{(report.Segment is { } s ? $", segment {s}" : "")}), {report.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"));
        if (report.Impossible is { } why)
        {
            screen.MarkupLine($"[red]It cannot be made again:[/] {Markup.Escape(why)}.");
            if (report.Remains.Count > 0) screen.Line("What remains:");
            foreach (var line in report.Remains) screen.Line($"  {line}");
            Answer(screen, "Recorded", report.Recorded);
            return;
        }

        screen.MarkupLine(report.Equal ? "[green]Equal:[/] the answer is the same, to the last bit." : "[red]Not equal:[/] the answer came out otherwise.");
        if (report.Equal)
        {
            Answer(screen, "Answer", report.Recorded);
            return;
        }

        var table = Cells.Table("", "Recorded", "Now", ">Difference");
        foreach (var d in report.Differences) table.Row(d.Name, d.Recorded, d.Recomputed, d.Difference is { } x ? x.ToString("R", CultureInfo.InvariantCulture) : "");
        screen.Write(table);
    }

    private static void Answer(IAnsiConsole screen, string title, ReplayedAnswer answer) =>
        screen.Line($"{title}: {answer.Prediction} ({string.Join(", ", answer.Outputs.Take(10).Select(o => o.ToString("R", CultureInfo.InvariantCulture)))}{(answer.Outputs.Count > 10 ? ", ..." : "")})");
}
