using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Runs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>runs [MODEL]</c>, <c>runs show ID</c>, <c>runs compare ID ID</c>.</summary>
internal static class RunsCommand
{
    public static CommandSpec Create()
    {
        var subject = new Argument<string?>("MODEL") { Description = "Only runs of this model (or dataset).", Arity = ArgumentArity.ZeroOrOne };
        var kind = new Option<string?>("--kind") { Description = "Only ingest, train or score.", HelpName = "KIND" };
        var limit = new Option<int>("--limit") { Description = "How many, newest first.", DefaultValueFactory = _ => 50, HelpName = "N" };
        var command = new Command("runs", "List what ran, newest first; show one, compare two.") { subject, kind, limit };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var runs = new List<RunRecord>();
            var most = context.Parsed.GetValue(limit);
            if (most < 1) throw new RequestException("--limit must be at least 1.");
            var about = context.Parsed.GetValue(subject);
            await foreach (var run in open.Get<IRunEngine>().ListAsync(context.Parsed.GetValue(kind), about, context.Cancel))
            {
                runs.Add(run);
                if (runs.Count == most) break;
            }

            if (runs.Count == 0 && about is not null) Known(open, about);
            context.Output.Answer(new { runs = runs.Select(Summary) }, screen => Show(screen, runs));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs", "serverless-ml runs flight-delay", "serverless-ml runs show ID", "serverless-ml runs compare ID ID"],
            Subcommands = [RunsShowCommand.Create(), RunsCompareCommand.Create()],
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

    public static object Summary(RunRecord run) => new
    {
        id = run.Id, kind = run.Kind, subject = run.Subject, status = run.Status, state = run.State, reason = run.Reason, createdAt = run.CreatedAt, updatedAt = run.UpdatedAt,
    };

    private static void Show(IAnsiConsole screen, IReadOnlyList<RunRecord> runs)
    {
        if (runs.Count == 0)
        {
            screen.Line("Nothing has run yet.");
            return;
        }

        var table = Cells.Table("Run", "About", "Status", ">Took", "Reason");
        foreach (var run in runs)
        {
            table.Marked(Markup.Escape(run.Id), Markup.Escape(Cells.Cut(run.Subject, 16)), Status(run), Markup.Escape(Cells.Seconds((run.UpdatedAt - run.CreatedAt).TotalSeconds)),
                Markup.Escape(Cells.Cut(run.Reason?.ReplaceLineEndings(" "), 24)));
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
