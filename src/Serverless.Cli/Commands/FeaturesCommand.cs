using System.CommandLine;
using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.FeatureViews.Catalogue;
using Serverless.FeatureViews.Online;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Workspaces;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>features [VIEW]</c>: which features there are, whose they are, and who uses them.</summary>
internal static class FeaturesCommand
{
    public static CommandSpec Create()
    {
        var view = new Argument<string?>("VIEW") { Description = "Only this view. Default: all views, and the features of models.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("features", "The features of views and models, and who uses them.") { view };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetValue(view);
            await using var open = context.Open(Parts.Store);
            if (name is not null) open.Workspace.View(name);
            var list = await open.Get<IFeatureCatalogue>().ListAsync(context.Cancel);
            if (name is not null) list = new FeatureList([.. list.Views.Where(v => v.Name == name)], []);
            context.Output.Answer(new { views = list.Views, features = list.Features }, screen => Show(screen, list));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml features", "serverless-ml features airport-stats --json", "serverless-ml features materialise airport-stats"],
            Subcommands = [Materialise()],
        };
    }

    private static CommandSpec Materialise()
    {
        var view = new Argument<string>("VIEW") { Description = "View to put online, or MODEL.FEATURE for a lag or rolling feature." };
        var command = new Command("materialise", "Compute the current value of every key, and put it online.") { view };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(view);
            await using var open = context.Open(Parts.All);
            var engine = open.Get<IRunEngine>();
            if (!name.Contains('.')) open.Workspace.View(name);
            var id = await engine.StartAsync(new MaterialiseState { Source = name, By = context.By, Reason = "asked for on the command line" }, cancel: context.Cancel);
            var run = await engine.DriveAsync(id, null, context.Cancel);
            if (run.Status == RunStatus.Failed) throw new DataException(run.Reason ?? "the refresh failed");
            var head = run.Data.Deserialize<MaterialiseState>(ServerlessJson.Options)?.Head;
            context.Output.Answer(new { run = id, view = name, keys = head?.Keys, at = head?.At, newest = head?.Newest, datasetVersion = head?.DatasetVersion },
                screen => screen.Line($"{name}: {Cells.Plural(head?.Keys ?? 0, "key")} online, as of {(head is null ? "" : Cells.Time(head.At))}.{(head is { Keys: 0, Ttl: { } ttl } ? $" No value is younger than {Durations.Text(ttl)}, how long they live." : "")}"));
            return run.Status == RunStatus.Done ? ExitCode.Done : ExitCode.No;
        })
        {
            Examples = ["serverless-ml features materialise airport-stats"],
        };
    }

    private static void Show(IAnsiConsole screen, FeatureList list)
    {
        foreach (var view in list.Views)
        {
            screen.MarkupLine($"[bold]{Markup.Escape(view.Name)}[/]  {Markup.Escape(view.Description ?? "")}");
            screen.Line($"  by {string.Join(", ", view.Keys)} of {view.Dataset}{(view.Owner is null ? "" : $"; owner {view.Owner}")}; "
                + (view.At is { } at ? $"online as of {Cells.Time(at)}, {Cells.Plural(view.OnlineKeys ?? 0, "key")}" : "not online yet"));
            foreach (var feature in view.Features)
            {
                screen.Line($"  {feature.Name}: {feature.From} ({feature.Type}); " + (feature.Unused ? "unused" : "used by " + string.Join(", ", feature.UsedBy.Select(u => u.Model).Distinct())));
            }

            screen.Line();
        }

        if (list.Views.Count == 0) screen.Line("There are no feature views: write one as features/VIEW.yaml (docs/feature-views.md).");
        foreach (var model in list.Features.GroupBy(f => f.Model))
        {
            screen.MarkupLine($"[bold]{Markup.Escape(model.Key!)}[/]");
            foreach (var feature in model) screen.Line($"  {feature.Name}: {feature.From}");
        }
    }
}
