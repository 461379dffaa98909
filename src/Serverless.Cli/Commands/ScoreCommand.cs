using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Storage;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>score MODEL [--input FILE]</c>: a batch, restartable, in parts that workers share.</summary>
internal static class ScoreCommand
{
    private const int Steps = 5;

    private static readonly string[] Written = [".parquet", ".csv", ".tsv", ".jsonl", ".ndjson"];

    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model of the workspace." };
        var input = new Option<string?>("--input", "-i") { Description = "CSV, TSV, JSON Lines or Parquet, each also with .gz. Default: partitions of the model's dataset.", HelpName = "FILE" };
        var from = new Option<string?>("--from") { Description = "Partitions from this day on.", HelpName = "DATE" };
        var to = new Option<string?>("--to") { Description = "Partitions before this day.", HelpName = "DATE" };
        var version = new Option<int?>("--version") { Description = "This version instead of the champion.", HelpName = "N" };
        var key = new Option<string?>("--key") { Description = "Columns that say whose prediction it is, kept beside it. Default: the model file's batch.key.", HelpName = "A,B" };
        var precompute = new Option<bool>("--precompute") { Description = "Serve the predictions by key, in the place of those before." };
        var bare = new Option<bool>("--no-inputs") { Description = "Keep the key and the prediction only." };
        var output = new Option<string?>("--output", "-o") { Description = "Copy the predictions there too: .parquet, .csv or .jsonl.", HelpName = "FILE" };
        var detach = new Option<bool>("--detach") { Description = "Only start it: the workers of 'up' do it." };
        var resume = new Option<string?>("--resume") { Description = "Go on with a batch that has not ended.", HelpName = "RUN" };
        var command = new Command("score", "Score a file or partitions as a batch: restartable, each row once, rejected rows kept with reasons.") { model, input, from, to, version, key, precompute, bare, output, detach, resume };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.All);
            open.Workspace.Model(name);
            var request = new BatchRequest
            {
                Model = name, By = context.By, Version = context.Parsed.GetValue(version), From = Day(context.Parsed.GetValue(from)), To = Day(context.Parsed.GetValue(to)),
                Key = context.Parsed.GetValue(key)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Precompute = context.Parsed.GetValue(precompute) ? true : null, Inputs = context.Parsed.GetValue(bare) ? false : null,
            };
            var file = context.Parsed.GetValue(input);
            if (file is not null && (request.From is not null || request.To is not null)) throw new RequestException("--from and --to choose partitions; they do not go with --input.");
            if (context.Parsed.GetValue(output) is { } path && !Written.Contains(Path.GetExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path).ToLowerInvariant())) throw new RequestException($"--output: '{path}' has no extension that says how to write it: expected {string.Join(", ", Written)}.");
            var run = context.Parsed.GetValue(resume) ?? await StartAsync(context, open, request, file);
            if (context.Parsed.GetValue(detach))
            {
                context.Output.Answer(new { run, model = name, status = RunStatus.Running }, screen => screen.Line($"Batch {run} waits for workers: 'serverless-ml up' scores it, 'serverless-ml runs show {run}' says how far it is."));
                return ExitCode.Done;
            }

            return await WalkAsync(context, open, run, name, context.Parsed.GetValue(output));
        })
        {
            Examples =
            [
                "serverless-ml score flight-delay --input rows.csv --output scored.csv", "serverless-ml score flight-delay --from 2001-03-01 --key origin,date",
                "serverless-ml score flight-delay --key origin --precompute",
            ],
        };
    }

    private static async Task<string> StartAsync(CommandContext context, OpenWorkspace open, BatchRequest request, string? file)
    {
        var batches = open.Get<IBatches>();
        if (file is null) return await batches.StartAsync(request, context.Cancel);
        var path = context.FullPath(file);
        if (!File.Exists(path)) throw new FileNotFoundException($"file '{file}' does not exist.");
        await using var content = File.OpenRead(path);
        return await batches.StartAsync(request, Path.GetFileName(path), content, context.Cancel);
    }

    private static async Task<int> WalkAsync(CommandContext context, OpenWorkspace open, string run, string model, string? output)
    {
        RunRecord ended;
        try
        {
            ended = await Bars.RunAsync(context.Output, $"Scoring {model}", Steps, bar => open.Get<IRunEngine>().DriveAsync(run, bar, context.Cancel));
        }
        catch (OperationCanceledException)
        {
            context.Output.Warn($"batch {run} has not ended: 'serverless-ml score {model} --resume {run}' goes on with it, or any 'serverless-ml up'.");
            throw;
        }

        await open.Get<Alerts.IAlertWorker>().FinishAsync(context.Cancel);
        if (ended.Status == RunStatus.Failed) throw new DataException($"scoring with '{model}' failed: {ended.Reason} (run {run})");
        if (ended.Data.Deserialize<ScoreState>(ServerlessJson.Options)?.Report is not { } report) throw new DataException($"run {run} ended as '{ended.State}' without a report. {ended.Reason}");
        foreach (var note in report.Notes) context.Output.Warn(note);
        if (output is not null) await CopyAsync(open, report, context.FullPath(output), context.Cancel);
        context.Output.Answer(new
        {
            run, model = report.Model, version = report.Version, rows = report.Rows, rejected = report.Rejected, withoutAnswer = report.WithoutAnswer, path = report.Path, files = report.Files, rejects = report.Rejects,
            keys = report.Keys, reason = ended.Reason, output, seconds = Math.Round((ended.UpdatedAt - ended.CreatedAt).TotalSeconds, 3),
        }, screen => Show(screen, run, ended, report, output));
        return ended.Status == RunStatus.Done && report.Rows > 0 ? ExitCode.Done : ExitCode.No;
    }

    private static async Task CopyAsync(OpenWorkspace open, ScoreReport report, string target, CancellationToken cancel)
    {
        var local = new List<LocalObject>();
        try
        {
            foreach (var file in report.Files) local.Add(await open.Get<IObjectStore>().MaterialiseAsync(file, cancel));
            await open.Get<IBatchFiles>().CopyAsync([.. local.Select(l => l.Path)], target, cancel);
        }
        finally
        {
            local.ForEach(l => l.Dispose());
        }
    }

    private static void Show(IAnsiConsole screen, string run, RunRecord ended, ScoreReport report, string? output)
    {
        screen.Line($"{report.Model} version {report.Version}: {Cells.Plural(report.Rows, "row")} scored (run {run}).");
        foreach (var file in report.Files.Take(5)) screen.Line($"  {file}");
        if (report.Files.Count > 5) screen.Line($"  ... and {report.Files.Count - 5} more files below {report.Path}");
        if (output is not null) screen.Line($"  {output}");
        if (report.WithoutAnswer > 0) screen.MarkupLine($"[yellow]{Cells.Plural(report.WithoutAnswer, "row")} without an answer:[/] the model has no finite one for them.");
        if (report.Rejected > 0) screen.MarkupLine($"[yellow]{Cells.Plural(report.Rejected, "row")} rejected, with reasons:[/] {Markup.Escape(string.Join(", ", report.Rejects.Take(3)))}{(report.Rejects.Count > 3 ? ", ..." : "")}");
        if (report.Keys is { } keys) screen.Line($"{Cells.Plural(keys, "key")} served by GET /v1/models/{report.Model}/predictions/KEY.");
        else if (ended.Reason is { } reason) screen.Line(reason);
    }

    private static DateTimeOffset? Day(string? text) => text is null ? null : Dates.Moment(text);
}
