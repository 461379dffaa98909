using System.CommandLine;
using Serverless.Arrival;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Partitions;
using Serverless.Sources;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>history DATASET [--as-of WHEN]</c>: who wrote which partition, when, from which bytes.</summary>
internal static class HistoryCommand
{
    public static CommandSpec Create()
    {
        var dataset = new Argument<string>("DATASET") { Description = "Dataset of the workspace." };
        var asOf = new Option<string?>("--as-of") { Description = "As it was then: a day, a moment (UTC), or a version number.", HelpName = "WHEN" };
        var all = new Option<bool>("--all") { Description = "Also the partitions that a later drop corrected." };
        var command = new Command("history", "Who wrote which partition, when, and from which bytes.") { dataset, asOf, all };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(dataset);
            var when = context.Parsed.GetValue(asOf);
            await using var open = context.Open(Parts.Store);
            open.Workspace.Dataset(name);
            var partitions = await Partitions(open.Get<IDatasetHistory>(), context.Parsed.GetValue(all))(name, when is null ? null : Dates.Point(when), context.Cancel);
            var arrival = await open.Get<IArrivals>().LookAsync(name, context.Cancel);
            var events = arrival is null ? [] : await open.Get<IArrivals>().ListAsync(name, context.Cancel);
            var sources = await open.Get<ISourceStates>().ListAsync(name, context.Cancel);
            context.Output.Answer(new { partitions = partitions.Select(Document), sources = sources.Count == 0 ? null : sources, arrival = arrival is null ? null : ArrivalLines.Document(arrival, events) }, screen =>
            {
                Show(screen, name, partitions);
                foreach (var source in sources)
                {
                    screen.Line($"Source {source.Name}: " + (source.Last is not { } last ? "not pulled yet."
                        : $"last pulled {Cells.Time(last.At)[..16]}: {(last.Status == PullStatus.NothingNew ? "nothing new" : last.Status.ToString().ToLowerInvariant())}{(last.Reason is null ? "" : $" ({Cells.Cut(last.Reason, 120)})")}{(source.Until is null ? "" : $"; up to {source.Until}")}."));
                }

                if (arrival is not null) ArrivalLines.Show(screen, arrival, events);
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml history flights", "serverless-ml history flights --as-of 2026-01-31", "serverless-ml history flights --as-of 12"],
        };
    }

    private static Func<string, AsOf?, CancellationToken, Task<IReadOnlyList<PartitionRecord>>> Partitions(IDatasetHistory history, bool all) =>
        all ? history.WrittenAsync : history.PartitionsAsync;

    private static object Document(PartitionRecord p) => new
    {
        id = p.Id,
        key = p.Key,
        rows = p.Entry.Rows,
        bytes = p.Entry.Bytes,
        path = p.Entry.Path,
        writtenAt = p.WrittenAt,
        by = p.By,
        sha256 = p.Entry.Sha256,
        contractVersion = p.Commit.ContractVersion,
        codeVersion = p.Commit.CodeVersion,
        supersedes = p.Entry.Supersedes.Count > 0 ? p.Entry.Supersedes : null,
        drop = p.Commit.Drop,
        file = p.Commit.File,
        version = p.Commit.Version,
        run = p.Commit.Run,
        origin = p.Commit.Origin,
        erasure = p.RewrittenBy?.Run,
    };

    private static void Show(IAnsiConsole screen, string dataset, IReadOnlyList<PartitionRecord> partitions)
    {
        if (partitions.Count == 0)
        {
            screen.Line($"{dataset} has no partitions. Bring it data with 'serverless-ml ingest {dataset} FILE...'.");
            return;
        }

        var table = Cells.Table("Period", ">Rows", "Written (UTC)", "By", ">Ver.", "From");
        foreach (var p in partitions)
        {
            table.Row(p.Key, Cells.Count(p.Entry.Rows), Cells.Time(p.WrittenAt)[..16], Cells.Cut(p.By, 10), $"{p.Commit.Version}",
                Cells.Cut(p.Commit.File, 20) + (p.RewrittenBy is not null ? " (rows erased)" : p.Entry.Supersedes.Count > 0 ? " (corrects)" : ""));
        }

        screen.Write(table);
        screen.Line($"{Cells.Plural(partitions.Count, "partition")}, {Cells.Plural(partitions.Sum(p => p.Entry.Rows), "row")}, {Cells.Size(partitions.Sum(p => p.Entry.Bytes))}. Ids and hashes: --json.");
    }
}
