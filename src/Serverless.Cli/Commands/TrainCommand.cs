using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Training;
using Serverless.Workspaces;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>train MODEL</c>: fit, evaluate on the held-out days, ask the gate, register.</summary>
internal static class TrainCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model of the workspace." };
        var asOf = new Option<string?>("--as-of") { Description = "Train on the data as they were stored then: a day or a moment (UTC).", HelpName = "WHEN" };
        var reason = new Option<string?>("--reason") { Description = "Why, for the record.", HelpName = "TEXT" };
        var command = new Command("train", "Fit a model, evaluate it on the held-out last days, ask the gate, and register it.") { model, asOf, reason };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            var when = context.Parsed.GetValue(asOf);
            await using var open = context.Open(Parts.All);
            open.Workspace.Model(name);
            foreach (var warning in open.Workspace.Warnings) context.Output.Warn(warning.ToString());
            var state = new TrainState
            {
                Model = name, AsOf = when is null ? null : Dates.AsOf(when), Reason = context.Parsed.GetValue(reason) ?? "asked for on the command line", By = context.By,
            };
            var report = await Trainings.RunAsync(open, state, context.Output, context.Cancel);
            var parts = new List<TrainReport>();
            foreach (var part in open.Workspace.Models.Values.Where(m => m.Segment?.Model == name)) parts.Add(await Trainings.RunAsync(open, state with { Model = part.Name }, context.Output, context.Cancel));
            context.Output.Answer(parts.Count == 0 ? Document(report) : WithSegments(report, parts, open.Workspace), screen =>
            {
                foreach (var one in parts.Prepend(report)) Show(screen, one);
            });
            if (!report.Gate.Passed && open.Workspace.Model(name).Gate.OnFailure == Models.GateFailure.Tune && await open.Get<Search.ISearches>().UnfinishedAsync(name, context.Cancel) is { } search)
            {
                context.Output.Say($"Search {search} looks for better settings: 'serverless-ml up' makes its trials, or 'serverless-ml search {name} --resume'.");
            }

            return report.Gate.Passed && parts.TrueForAll(p => p.Gate.Passed) ? ExitCode.Done : ExitCode.No;
        })
        {
            Examples = ["serverless-ml train flight-delay", "serverless-ml train flight-delay --reason \"new airports\""],
        };
    }

    public static object Document(TrainReport report) => new
    {
        run = report.Run,
        model = report.Model,
        version = report.Version,
        gate = report.Gate,
        metrics = report.Metrics,
        undefined = report.Undefined,
        warnings = report.Warnings,
        championMetrics = report.ChampionMetrics,
        baselineMetrics = report.BaselineMetrics,
        champion = report.Champion,
        awaitingApproval = report.AwaitingApproval,
        trainRows = report.TrainRows,
        holdoutRows = report.HoldoutRows,
        timings = report.Timings,
        seconds = Seconds(report),
    };

    // The document of the default, with those of the segments beside.
    private static JsonObject WithSegments(TrainReport report, IReadOnlyList<TrainReport> parts, Workspace workspace)
    {
        JsonObject Json(TrainReport one) => JsonSerializer.SerializeToNode(Document(one), ServerlessJson.Options)!.AsObject();
        var document = Json(report);
        document["segments"] = new JsonArray([.. parts.Select(p => { var json = Json(p); json["segment"] = workspace.Model(p.Model).Segment!.Part.Name; return (JsonNode)json; })]);
        return document;
    }

    public static double Seconds(TrainReport report) => report.Timings.TryGetValue("total", out var total) ? total : report.Timings.Values.Sum();

    public static void Show(IAnsiConsole screen, TrainReport report)
    {
        var before = report.ChampionMetrics;
        var table = before is null ? Cells.Table("Metric", ">Candidate", ">Baseline") : Cells.Table("Metric", ">Candidate", ">Champion before", ">Baseline");
        foreach (var (name, value) in report.Metrics)
        {
            var baseline = Cells.Number(Of(report.BaselineMetrics, name));
            if (before is null) table.Row(name, Cells.Number(value), baseline);
            else table.Row(name, Cells.Number(value), Cells.Number(Of(before, name)), baseline);
        }

        screen.Write(table);
        if (report.Undefined is { } undefined) screen.Line($"Not defined here: {string.Join("; ", undefined.GroupBy(u => u.Value).Select(g => $"{string.Join(", ", g.Select(u => u.Key))} ({g.Key})"))}.");
        foreach (var warning in report.Warnings ?? []) screen.MarkupLineInterpolated($"[yellow]Warning:[/] {warning}.");
        screen.Line($"Trained on {Cells.Plural(report.TrainRows, "row")}, evaluated on {Cells.Plural(report.HoldoutRows, "row")} held out, in {Cells.Seconds(Seconds(report))}.");
        screen.MarkupLine(report.Gate.Passed ? "[green]The gate lets it pass:[/]" : "[red]The gate refuses it:[/]");
        foreach (var reason in report.Gate.Reasons) screen.Line($"  {reason}");
        screen.Line(Outcome(report));
        screen.Line($"Run: {report.Run}");
    }

    public static string Outcome(TrainReport report) => report switch
    {
        { Version: null, Champion: { } kept } => $"{report.Model}: version {kept} stays champion.",
        { Version: null } => $"{report.Model}: nothing was registered; there is no champion.",
        { AwaitingApproval: true } => $"{report.Model} version {report.Version} waits for a person: 'serverless-ml models approve {report.Model} {report.Version} --comment TEXT'.",
        { Version: { } version } when report.Champion == version => $"{report.Model} version {version} is registered, and champion.",
        _ => $"{report.Model} version {report.Version} is registered; version {report.Champion} stays champion.",
    };

    private static double? Of(IReadOnlyDictionary<string, double>? metrics, string name) => metrics is not null && metrics.TryGetValue(name, out var value) ? value : null;
}
