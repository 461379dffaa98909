using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Tracking;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>runs [MODEL]</c>, <c>runs show ID</c>, <c>runs compare ID ID</c>, notes, tags and files of runs.</summary>
internal static class RunsCommand
{
    public static CommandSpec Create()
    {
        var subject = new Argument<string?>("MODEL") { Description = "Only runs of this model (or dataset).", Arity = ArgumentArity.ZeroOrOne };
        var kind = new Option<string?>("--kind") { Description = "Only of this kind: ingest, train, search, trial ...", HelpName = "KIND" };
        var limit = new Option<int>("--limit") { Description = "How many, newest first.", DefaultValueFactory = _ => 50, HelpName = "N" };
        var status = new Option<string?>("--status") { Description = "Only running, done, refused or failed.", HelpName = "STATUS" };
        var state = new Option<string?>("--state") { Description = "Only in this state, such as queued.", HelpName = "STATE" };
        var since = new Option<string?>("--since") { Description = "Only those that began then or later.", HelpName = "DATE" };
        var tags = new Option<string[]>("--tag") { Description = "Only runs with this tag; may be given again.", HelpName = "KEY[=VALUE]" };
        var sort = new Option<string?>("--sort") { Description = "By this metric, best first.", HelpName = "METRIC" };
        var command = new Command("runs", "List what ran, newest first; show, compare, note and tag runs.") { subject, kind, limit, status, state, since, tags, sort };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var most = context.Parsed.GetValue(limit);
            if (most < 1) throw new RequestException("--limit must be at least 1.");
            var about = context.Parsed.GetValue(subject);
            var by = context.Parsed.GetValue(sort);
            var runs = await open.Get<ITrackedRuns>().ListAsync(
                new RunQuery
                {
                    Kind = context.Parsed.GetValue(kind), Subject = about, Limit = most, Sort = by, Tags = context.Parsed.GetValue(tags) ?? [], Status = Status(context.Parsed.GetValue(status)),
                    State = context.Parsed.GetValue(state), Since = context.Parsed.GetValue(since) is { } then ? Dates.Moment(then) : null,
                }, context.Cancel);
            if (runs.Count == 0 && about is not null) Known(open, about);
            context.Output.Answer(new { runs = runs.Select(Summary) }, screen => Show(screen, runs, by));
            return ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml runs", "serverless-ml runs flight-delay --sort auc", "serverless-ml runs --tag season=winter --status done", "serverless-ml runs --kind train --since 2026-01-31", "serverless-ml runs show ID", "serverless-ml runs compare ID ID",
                "serverless-ml runs note ID \"first with weather\"", "serverless-ml runs tag ID season=winter",
            ],
            Subcommands = [RunsShowCommand.Create(), RunsCompareCommand.Create(), RunsNoteCommand.Create(), RunsTagCommand.Create(), RunsArtifactsCommand.Create(), RunsDecisionsCommand.Create()],
        };
    }

    /// <summary>The run, or an error that says where to look.</summary>
    public static async Task<RunRecord> FindAsync(OpenWorkspace open, string id, CancellationToken cancel) => await open.Get<IRunEngine>().FindAsync(id, cancel)
        ?? throw new RequestException($"there is no run '{id}'. 'serverless-ml runs' lists them.");

    private static void Known(OpenWorkspace open, string about)
    {
        var known = open.Workspace.Models.Keys.Concat(open.Workspace.Datasets.Keys).ToArray();
        if (!known.Contains(about)) throw new RequestException($"'{about}' is neither a model nor a dataset of this workspace.{Suggest.Hint(about, known)}");
    }

    private static RunStatus? Status(string? word) => word is null ? null
        : Enum.TryParse<RunStatus>(word, ignoreCase: true, out var status) && Enum.IsDefined(status) && !char.IsDigit(word[0]) ? status
        : throw new RequestException($"'--status {word}' is not a status.{Suggest.Hint(word, ["running", "done", "refused", "failed"])}");

    public static object Summary(TrackedRun tracked) => new
    {
        id = tracked.Run.Id, kind = tracked.Run.Kind, subject = tracked.Run.Subject, status = tracked.Run.Status, state = tracked.Run.State, reason = tracked.Run.Reason, createdAt = tracked.Run.CreatedAt,
        updatedAt = tracked.Run.UpdatedAt, tags = tracked.Notes.Tags, notes = tracked.Notes.Notes, metrics = tracked.Metrics,
    };

    private static void Show(IAnsiConsole screen, IReadOnlyList<TrackedRun> runs, string? by)
    {
        if (runs.Count == 0)
        {
            screen.Line("No run is like that.");
            return;
        }

        var table = by is null ? Cells.Table("Run", "About", "Status", ">Took", "Reason") : Cells.Table("Run", "About", "Status", ">" + by, "Tags");
        foreach (var tracked in runs)
        {
            var (run, notes) = tracked;
            string[] first = [Markup.Escape(run.Id), Markup.Escape(Cells.Cut(run.Subject, 16)), Status(run)];
            var tags = string.Join(" ", notes.Tags.Select(t => t.Value.Length == 0 ? t.Key : $"{t.Key}={t.Value}"));
            string[] last = by is null
                ? [Markup.Escape(Cells.Seconds((run.UpdatedAt - run.CreatedAt).TotalSeconds)), Markup.Escape(Cells.Cut(run.Reason?.ReplaceLineEndings(" ") ?? tags, 24))]
                : [Cells.Number(tracked.Metrics[by]), Markup.Escape(Cells.Cut(tags, 24))];
            table.Marked([.. first, .. last]);
        }

        screen.Write(table);
    }

    public static string Status(RunRecord run) => run.Status switch
    {
        RunStatus.Done => "[green]done[/]",
        RunStatus.Running => $"[blue]{Markup.Escape(run.State)}[/]",
        RunStatus.Refused => "[yellow]refused[/]",
        _ => "[red]failed[/]",
    };

    /// <summary>The report that a finished run holds, if any.</summary>
    public static JsonElement? Report(RunRecord run) =>
        run.Data.ValueKind == JsonValueKind.Object && run.Data.TryGetProperty("report", out var report) && report.ValueKind == JsonValueKind.Object ? report : null;
}
