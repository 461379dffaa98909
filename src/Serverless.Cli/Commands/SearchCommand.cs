using System.CommandLine;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Search;

namespace Serverless.Cli.Commands;

/// <summary><c>search MODEL</c>: try trainers and hyperparameters within the budget of the model file, and train the best.</summary>
internal static class SearchCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model of the workspace whose file has a section 'search'." };
        var asOf = new Option<string?>("--as-of") { Description = "Search on the data as they were stored then: a day or a moment (UTC).", HelpName = "WHEN" };
        var reason = new Option<string?>("--reason") { Description = "Why, for the record.", HelpName = "TEXT" };
        var workers = new Option<int>("--workers") { Description = "Trials at once in this process.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var detach = new Option<bool>("--detach") { Description = "Only start it: the workers of 'up' make the trials." };
        var resume = new Option<bool>("--resume") { Description = "Go on with the model's search that has not ended." };
        var only = new Option<bool>("--no-train") { Description = "Leave it at the search; train nothing." };
        var command = new Command("search", "Look for better trainers and hyperparameters, within the budget of the model file, and train the best.") { model, asOf, reason, workers, detach, resume, only };
        return new CommandSpec(command, async context =>
        {
            var (name, atOnce) = (context.Parsed.GetRequiredValue(model), context.Parsed.GetValue(workers));
            if (atOnce is < 1 or > 64) throw new RequestException("--workers must be between 1 and 64.");
            await using var open = context.Open(Parts.All);
            open.Workspace.Model(name);
            foreach (var warning in open.Workspace.Warnings) context.Output.Warn(warning.ToString());
            var searches = open.Get<ISearches>();
            var unfinished = await searches.UnfinishedAsync(name, context.Cancel);
            string run;
            if (context.Parsed.GetValue(resume)) run = unfinished ?? throw new RequestException($"no search of '{name}' is under way; start one with 'serverless-ml search {name}'.");
            else
            {
                run = await searches.StartAsync(new SearchRequest
                {
                    Model = name, AsOf = context.Parsed.GetValue(asOf) is { } when ? Dates.AsOf(when) : null, Reason = context.Parsed.GetValue(reason) ?? "asked for on the command line", By = context.By,
                    Train = !context.Parsed.GetValue(only),
                }, context.Cancel);
                if (unfinished is not null) context.Output.Warn($"search {unfinished} of '{name}' has not ended either; '--resume' goes on with it.");
            }

            if (context.Parsed.GetValue(detach))
            {
                context.Output.Answer(new { run, model = name, status = RunStatus.Running }, screen => screen.Line($"Search {run} waits for workers: 'serverless-ml up' makes its trials, 'serverless-ml runs {name}' lists them."));
                return ExitCode.Done;
            }

            return await WalkAsync(context, open, searches, run, name, atOnce);
        })
        {
            Examples = ["serverless-ml search flight-delay", "serverless-ml search flight-delay --workers 2 --no-train", "serverless-ml search flight-delay --resume"],
        };
    }

    private static async Task<int> WalkAsync(CommandContext context, OpenWorkspace open, ISearches searches, string run, string model, int workers)
    {
        try
        {
            await Bars.RunAsync(context.Output, $"Searching {model}", 1, bar => searches.DriveAsync(run, workers, new Steps(bar, open.Get<TimeProvider>()), context.Cancel));
        }
        catch (OperationCanceledException)
        {
            context.Output.Warn($"search {run} has not ended: 'serverless-ml search {model} --resume' goes on with it, or any 'serverless-ml up'.");
            throw;
        }

        await open.Get<IAlertWorker>().FinishAsync(context.Cancel);
        var view = await searches.LookAsync(run, context.Cancel);
        if (view.Report is not { } report) throw new DataException($"search of '{model}' failed: {view.Run.Reason} (run {run})");
        var training = report.Training is { } id ? Trainings.ReportOf(await open.Get<IRunEngine>().FindAsync(id, context.Cancel)) : null;
        context.Output.Answer(SearchScreen.Document(view, report, training), screen => SearchScreen.Show(screen, view, report, training, open.Workspace.Model(model).File));
        if (view.Run.Status == RunStatus.Failed) throw new DataException($"{view.Run.Reason} (search {run})");
        return view.Run.Status == RunStatus.Done ? ExitCode.Done : ExitCode.No;
    }

    /// <summary>How far a search is, by its trials or by its time, whichever is nearer the end.</summary>
    private sealed class Steps(IProgress<RunProgress> bar, TimeProvider time) : IProgress<SearchView>
    {
        public void Report(SearchView value)
        {
            var ended = value.Trials.Count(t => t.Ended);
            var byTrials = value.Most is { } most ? (double)ended / most : 0;
            var byTime = value.Begun is { } begun && value.Deadline is { } deadline ? (time.GetUtcNow() - begun) / (deadline - begun) : 0;
            var best = value.Best is { Value: { } v } ? $", {value.Metric} {Cells.Number(v)}" : "";
            bar.Report(new RunProgress(value.Report is not null ? "training the best" : $"{ended}{(value.Most is { } all ? $" of {all}" : " trials")}{best}", Math.Max(byTrials, byTime)));
        }
    }
}
