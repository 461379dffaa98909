using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Sources;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>pull DATASET [SOURCE]</c>: fetch what is new from a dataset's sources, now.</summary>
internal static class PullCommand
{
    public static CommandSpec Create()
    {
        var dataset = new Argument<string>("DATASET") { Description = "Dataset whose sources are pulled." };
        var source = new Argument<string?>("SOURCE") { Description = "Only this source. Default: all of them.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("pull", "Fetch what is new from a dataset's sources, and ingest it. A joined dataset is joined anew.") { dataset, source };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(dataset);
            await using var open = context.Open(Parts.All);
            var definition = open.Workspace.Dataset(name);
            var wanted = context.Parsed.GetValue(source) is { } only ? [definition.Source(only)] : definition.Sources;
            if (wanted.Count == 0) throw new RequestException($"dataset '{name}' has no sources. Name some in '{definition.File}' (docs/sources.md), or bring files with 'serverless-ml ingest {name} FILE...'.");
            var reports = await Bars.RunAsync(context.Output, $"Pulling {name}", wanted.Count, async bar =>
            {
                var done = new List<PullReport>();
                foreach (var one in wanted)
                {
                    done.Add(await PullAsync(open, name, one.Name, context.By, bar, context.Cancel));
                    bar.Advance(one.Name);
                }

                return done;
            });
            context.Output.Answer(new { pulls = reports }, screen => Show(screen, reports));
            return reports.Any(r => r.Status == PullStatus.Failed) ? ExitCode.InputOutput : reports.Any(r => r.Status == PullStatus.Rejected) ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples = ["serverless-ml pull flights", "serverless-ml pull flights nightly --json"],
        };
    }

    private static async Task<PullReport> PullAsync(OpenWorkspace open, string dataset, string source, string by, IProgress<RunProgress> progress, CancellationToken cancel)
    {
        var id = await open.Get<IPullScheduler>().AskAsync(dataset, source, by, "asked for on the command line", cancel);
        var run = await open.Get<IRunEngine>().DriveAsync(id, progress, cancel);
        return run.Data.Deserialize<PullState>(ServerlessJson.Options)?.Report
            ?? new PullReport { Run = id, Dataset = dataset, Source = source, Status = PullStatus.Failed, Reason = run.Reason ?? $"the run ended as '{run.State}'" };
    }

    private static void Show(IAnsiConsole screen, IReadOnlyList<PullReport> reports)
    {
        var table = Cells.Table("Source", "", ">Drops", ">Partitions", ">Rows", ">Quarantined");
        foreach (var report in reports)
        {
            table.Marked(Markup.Escape(Cells.Cut(report.Source, 24)), Status(report.Status), Cells.Count(report.Files), Cells.Count(report.Drops.Sum(d => d.Partitions.Count)),
                Cells.Count(report.Drops.Sum(d => d.Partitions.Sum(p => p.Rows))), Cells.Count(report.Drops.Sum(d => d.Quarantined)));
        }

        screen.Write(table);
        foreach (var report in reports.Where(r => r.Reason is not null)) screen.Line($"{report.Source}: {report.Reason}");
        foreach (var remark in reports.SelectMany(r => r.Remarks)) screen.Line(remark);
        foreach (var drop in reports.SelectMany(r => r.Drops).Where(d => d.Status == DropStatus.Duplicate)) screen.Line($"{drop.File}: {drop.Reason}");
    }

    private static string Status(PullStatus status) => status switch
    {
        PullStatus.Stored => "[green]stored[/]",
        PullStatus.NothingNew => "nothing new",
        PullStatus.Rejected => "[red]rejected[/]",
        _ => "[red]failed[/]",
    };
}
