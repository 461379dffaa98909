using Serverless.Cli.Terminal;
using Serverless.Runs;
using Serverless.Search;
using Serverless.Training;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary>What a search found, for people and for programs.</summary>
internal static class SearchScreen
{
    private const int Shown = 15;

    public static object Document(SearchView view, SearchReport report, TrainReport? training) => new
    {
        run = view.Run.Id,
        model = view.Run.Subject,
        status = view.Run.Status,
        reason = view.Run.Reason,
        metric = report.Metric,
        moreIsBetter = report.MoreIsBetter,
        ended = report.Ended,
        done = report.Done,
        failed = report.Failed,
        stopped = report.Stopped,
        best = new { number = report.Best, run = report.BestRun, value = report.BestValue, own = report.OwnIsBest },
        ownValue = report.OwnValue,
        trainer = report.Yaml,
        trials = view.Trials.Select(Trial),
        training = training is null ? null : TrainCommand.Document(training),
        seconds = report.Seconds,
    };

    private static object Trial(TrialRun trial) => new
    {
        number = trial.State.Number,
        run = trial.Run.Id,
        status = trial.Run.Status,
        own = trial.State.Own,
        from = trial.State.From,
        rung = trial.State.Rung,
        share = trial.State.Share,
        trainer = trial.State.Trainer,
        settings = trial.State.Settings?.Settings,
        value = trial.Value,
        metrics = trial.State.Report?.Metrics,
        reason = trial.Failure ?? trial.Run.Reason,
        learnedRows = trial.State.Report?.LearnedRows,
        judgedRows = trial.State.Report?.JudgedRows,
        seconds = Seconds(trial),
    };

    public static void Show(IAnsiConsole screen, SearchView view, SearchReport report, TrainReport? training, string file)
    {
        var ordered = Ordered(view, report);
        var table = Cells.Table(">Trial", ">Rows", "Settings", ">" + report.Metric, ">Took");
        foreach (var trial in ordered.Take(Shown))
        {
            string[] cells = [Cells.Count(trial.State.Number), Cells.Count(trial.State.Report?.LearnedRows ?? 0), Settings(trial), trial.Value is { } value ? Cells.Number(value) : trial.Stopped ? "stopped" : "failed", Cells.Seconds(Seconds(trial) ?? 0)];
            table.Marked([.. cells.Select((c, i) => trial.State.Number == report.Best ? $"[green]{Markup.Escape(c)}[/]" : i == 3 && trial.Value is null ? $"[yellow]{Markup.Escape(c)}[/]" : Markup.Escape(c))]);
        }

        screen.Write(table);
        if (ordered.Count > Shown) screen.Line($"{Cells.Plural(ordered.Count - Shown, "more trial")}: 'serverless-ml runs {view.Run.Subject} --kind trial'.");
        foreach (var failed in view.Trials.Where(t => t.Failure is not null).GroupBy(t => t.Failure).Take(3)) screen.Line($"Failed ({string.Join(", ", failed.Select(t => t.State.Number))}): {Cells.Cut(failed.Key, 200)}");
        screen.Line($"{Cells.Plural(view.Trials.Count, "trial")} in {Cells.Seconds(report.Seconds)}; {report.Ended}.");
        var rows = view.Trials[report.Best - 1].State.Report!.JudgedRows;
        var own = report.OwnValue is { } value1 ? Cells.Number(value1) : "nothing";
        screen.Line(report.OwnIsBest ? $"Nothing was better than the model file's own settings: {report.Metric} {own} on the {Cells.Plural(rows, "row")} that judge."
            : $"Best: trial {report.Best}, {report.Metric} {Cells.Number(report.BestValue)} on the {Cells.Plural(rows, "row")} that judge; the model file's own settings: {own}.");
        if (!report.OwnIsBest)
        {
            screen.Line($"To keep it, in {file}:");
            screen.Line($"  {report.Yaml}");
        }

        screen.Line($"Search: {view.Run.Id}");
        if (training is null)
        {
            if (view.Run is { Status: RunStatus.Refused, Reason: { } why }) screen.Line($"Nothing was trained: {why}.");
            return;
        }

        screen.Line();
        TrainCommand.Show(screen, training);
    }

    /// <summary>The best first; those that all rows have judged before those that a part has, whose figures come from models of fewer rows.</summary>
    private static List<TrialRun> Ordered(SearchView view, SearchReport report) =>
    [
        .. view.Trials.OrderBy(t => t.Value is null).ThenByDescending(t => t.State.Rung).ThenBy(t => report.MoreIsBetter ? -t.Value : t.Value).ThenBy(t => t.State.Number),
    ];

    private static string Settings(TrialRun trial) =>
        trial.State.Settings is not { } settings ? $"{trial.State.Trainer}: the model file's own" : $"{settings.Trainer}: {string.Join(", ", settings.Settings.Select(s => $"{s.Key} {s.Value}"))}";

    private static double? Seconds(TrialRun trial) => trial.State.Report?.Timings is { } timings && timings.TryGetValue("total", out var total) ? total : null;
}
