using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Runs;
using Serverless.Tracking;
using Serverless.Training;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>runs show ID</c>: what went into a run, what came out, and everything that it remembers.</summary>
internal static class RunsShowCommand
{
    public static CommandSpec Create()
    {
        var id = new Argument<string>("ID") { Description = "Id of a run, as 'runs' lists it." };
        var command = new Command("show", "Everything that a run remembers.") { id };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var tracked = open.Get<ITrackedRuns>();
            var found = await tracked.GetAsync(context.Parsed.GetRequiredValue(id), context.Cancel);
            var (run, notes) = found;
            var training = await tracked.TrainingAsync(run.Id, context.Cancel);
            context.Output.Answer(new { runs = new[] { run }, tags = notes.Tags, notes = notes.Notes, training }, screen => Show(screen, found, training));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml runs show train-20260131120000-abc123"],
        };
    }

    private static void Show(IAnsiConsole screen, TrackedRun tracked, TrainingResult? training)
    {
        var (run, notes) = tracked;
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn("").AddColumn("");
        table.Row("run", run.Id);
        table.Row("about", $"{run.Kind} {run.Subject}");
        table.Marked("status", RunsCommand.Status(run));
        if (run.Reason is not null) table.Row("reason", run.Reason);
        table.Row("began (UTC)", Cells.Time(run.CreatedAt));
        table.Row("last step (UTC)", Cells.Time(run.UpdatedAt));
        if (notes.Tags.Count > 0) table.Row("tags", string.Join(", ", notes.Tags.Select(t => t.Value.Length == 0 ? t.Key : $"{t.Key}={t.Value}")));
        foreach (var note in notes.Notes) table.Row("note", $"{Cells.Time(note.At)} {note.By}: {note.Text}");
        if (training is null && run.Data.ValueKind == JsonValueKind.Object) foreach (var property in run.Data.EnumerateObject()) Add(table, property.Name, property.Value, "");
        if (training is not null) Inputs(table, run, training);
        screen.Write(table);
        if (training is not null) Outcomes(screen, training);
    }

    private static void Inputs(Table table, RunRecord run, TrainingResult training)
    {
        var lineage = training.Lineage;
        if (RunsCommand.Report(run) is { } report && report.TryGetProperty("gate", out var gate) && gate.TryGetProperty("reasons", out var reasons))
        {
            foreach (var reason in reasons.EnumerateArray()) table.Row("gate", reason.ToString());
        }

        table.Row("data", $"{lineage.Dataset} version {lineage.DatasetVersion}, {Cells.Plural(lineage.Partitions.Count, "partition")}, contract {lineage.ContractVersion}");
        foreach (var view in lineage.Views ?? []) table.Row("looked up", $"{view.Name}: {view.Dataset} version {view.DatasetVersion}, {Cells.Plural(view.Partitions.Count, "partition")}");
        table.Row("rows", $"{Cells.Count(training.TrainRows)} trained on, {Cells.Count(training.HoldoutRows)} held out, {Cells.Count(training.UnlabelledRows)} without a label");
        table.Row("window", $"{Cells.Time(lineage.TrainFrom)}, holdout {Cells.Time(lineage.HoldoutFrom)} to {Cells.Time(lineage.Until)}");
        table.Row("trainer", $"{training.Trainer} ({string.Join(", ", lineage.Told().Select(t => $"{t.Key} {t.Value}"))}, seed {lineage.Seed})");
        if (training.Stopping is { } stopped) table.Row("stopped early", $"iteration {stopped.Best} of {stopped.Tried} that were tried was the best");
        table.Row("inputs", string.Join(", ", training.Schema.Inputs.Select(i => i.Name)));
        table.Row("code", $"{lineage.CodeVersion}, workspace {lineage.WorkspaceHash[..Math.Min(12, lineage.WorkspaceHash.Length)]}");
        table.Row("environment", $"{training.Environment.Os}, {training.Environment.DotNet}, {Cells.Plural(training.Environment.Cpus, "processor")}{(training.Environment.Library is { } library ? $", {library}" : "")}");
        table.Row("seconds", string.Join(", ", training.Timings.Select(t => $"{t.Key} {Cells.Number(t.Value)}")));
    }

    private static void Outcomes(IAnsiConsole screen, TrainingResult training)
    {
        var metrics = Cells.Table("Metric", ">Candidate", ">95 % interval", ">Champion", ">Baseline");
        foreach (var (name, value) in training.Metrics.Candidate)
        {
            var interval = training.Intervals?.Candidate.GetValueOrDefault(name);
            metrics.Row(name, Cells.Number(value), interval is null ? "" : $"{Cells.Number(Math.Round(interval.Lower, 4))} to {Cells.Number(Math.Round(interval.Upper, 4))}",
                Cells.Number(training.Metrics.Champion is { } c && c.TryGetValue(name, out var x) ? x : null), Cells.Number(training.Metrics.Baseline is { } b && b.TryGetValue(name, out var y) ? y : null));
        }

        screen.Line();
        screen.Write(metrics);
        foreach (var (name, why) in training.Undefined ?? new Dictionary<string, string>()) screen.Line($"{name} is not defined here: {why}.");
        if (training.Confusion is { Classes.Count: <= 6 } confusion)
        {
            screen.Line();
            var table = Cells.Table([$"Truth (rows) and answer{(confusion.Threshold is { } t ? $" above {Cells.Number(t)}" : "")}", .. confusion.Classes.Select(c => ">" + c)]);
            foreach (var (name, row) in confusion.Classes.Zip(confusion.Counts)) table.Row([name, .. row.Select(Cells.Count)]);
            screen.Write(table);
        }

        if (training.Fairness is { } fairness) FairnessLines.Show(screen, fairness);
    }

    private static void Add(Table table, string name, JsonElement value, string indent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                table.Row(indent + name, "");
                foreach (var property in value.EnumerateObject()) Add(table, property.Name, property.Value, indent + "  ");
                break;
            case JsonValueKind.Array when value.EnumerateArray().All(e => e.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)):
                table.Row(indent + name, Cells.Cut(string.Join(", ", value.EnumerateArray().Select(e => e.ToString())), 300));
                break;
            case JsonValueKind.Array:
                table.Row(indent + name, $"{Cells.Plural(value.GetArrayLength(), "entry", "entries")} (--json shows them)");
                break;
            case JsonValueKind.Number:
                table.Row(indent + name, Cells.Number(value.GetDouble()));
                break;
            default:
                table.Row(indent + name, value.ToString());
                break;
        }
    }
}
