using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Monitoring;
using Serverless.Problems;
using Serverless.Reports;
using Serverless.Runs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>drift DATASET</c> compares two windows and stores nothing; <c>drift MODEL</c> walks a monitor run in this process and leaves its report.</summary>
internal static class DriftOfWorkspace
{
    public static async Task<int> RunAsync(CommandContext context, string word, WindowOptions windows, DriftOptions options, Option<string?> html)
    {
        await using var open = context.Open(Parts.All);
        var paged = context.Parsed.GetResult(html) is { Implicit: false };
        var isModel = open.Workspace.Models.ContainsKey(word);
        if (!isModel && !open.Workspace.Datasets.ContainsKey(word))
        {
            var names = open.Workspace.Models.Keys.Concat(open.Workspace.Datasets.Keys).ToArray();
            throw new RequestException($"there is no model or dataset '{word}' in this workspace.{Suggest.Hint(word, names)} Two files are compared with --reference FILE --current FILE.");
        }

        var report = isModel ? await ModelAsync(context, open, word, windows, options)
            : await open.Get<IDatasetDrift>().CompareAsync(word, windows.Read(context.Parsed), options.Read(context.Parsed) with { Distributions = paged }, context.Cancel);
        if (paged) context.Output.Say($"The page is {ReportCommand.Write(context, context.Parsed.GetValue(html), $"{word}-drift.html", DriftPages.Of(report))}");
        context.Output.Answer(report, screen => Show(screen, report));
        return report.Drifted ? ExitCode.No : ExitCode.Done;
    }

    private static async Task<MonitorReport> ModelAsync(CommandContext context, OpenWorkspace open, string model, WindowOptions windows, DriftOptions options)
    {
        windows.RefuseWith(context.Parsed, "new data and a model's reference");
        if (options.Given(context.Parsed) is { } given) throw new RequestException($"{given} is for files and datasets; how a model is monitored stands in section 'monitor' of {open.Workspace.Model(model).File}.");
        var engine = open.Get<IRunEngine>();
        var id = await engine.StartAsync(new MonitorState { Model = model, Reason = "asked for on the command line", By = context.By, HoldoutToo = true }, cancel: context.Cancel);
        var run = await Bars.RunAsync(context.Output, $"Comparing {model}", 1, bar => engine.DriveAsync(id, bar, context.Cancel));
        await open.Get<Alerts.IAlertWorker>().FinishAsync(context.Cancel);
        if (run.Status != RunStatus.Done) throw new DataException($"{run.Reason} (run {run.Id})");
        var entry = run.Data.Deserialize<MonitorState>(ServerlessJson.Options)!.Entry!;
        return await open.Get<IDriftHistory>().FindAsync(model, entry.Run, context.Cancel) ?? throw new DataException($"the report '{entry.Report}' of run {run.Id} is gone from the store");
    }

    private static void Show(IAnsiConsole screen, MonitorReport report)
    {
        var (before, after) = (Window(report.Reference), Window(report.Current));
        if (report.Version is not null) before = $"the reference of version {report.Version}, {before}";
        DriftScreen.Show(screen, before, after, report.Data());
        if (report.Multivariate is { } together)
        {
            screen.Line($"All columns together: {together.Method} {Cells.Number(together.Statistic)}{(together.PValue is { } p ? $", p {(p < 0.0001 ? "below 0.0001" : Cells.Number(p))}" : "")}"
                + (together.Contributions is { Count: > 0 } telling ? $"; most telling: {string.Join(", ", telling.Take(3).Select(c => $"{c.Key} {c.Value.ToString("0 %", CultureInfo.InvariantCulture)}"))}" : ""));
        }

        if (report.Outliers is { } outliers)
        {
            screen.Line(string.Create(CultureInfo.InvariantCulture,
                $"{outliers.Flagged} of {outliers.Rows} predictions given lately are about rows unlike the training data ({outliers.Share:0.##%}; {(outliers.Exceeded ? "more than" : "limit")} {outliers.Limit:0.##%})."));
        }

        foreach (var (name, column) in new[] { ("Predictions for the current data", report.Prediction), ("Predictions given lately", report.Served), ("Labels", report.Label) })
        {
            if (column is not null) screen.MarkupLine($"{name}: {(column.Drifted ? "[red]drifted[/]" : "[green]as in the reference[/]")} ({Markup.Escape(column.Method)} {Cells.Number(column.Normalised ?? column.Statistic)})");
        }

        foreach (var (column, shape) in report.Shapes) screen.Line($"{column}, distance from the reference by partition: {shape.Kind.ToString().ToLowerInvariant()}; {shape.Message}");
        foreach (var reason in report.Reasons) screen.Line($"Drifted: {reason}");
        foreach (var note in report.Notes) screen.Line(note);
        if (report.Run is not null) screen.Line($"Run: {report.Run}");
    }

    private static string Window(WindowFacts window) => string.Create(CultureInfo.InvariantCulture, $"{window.From.UtcDateTime:yyyy-MM-dd} to {window.To.AddTicks(-1).UtcDateTime:yyyy-MM-dd}");
}
