using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Feedback;

namespace Serverless.Cli.Commands;

/// <summary><c>feedback MODEL FILE...</c>: what came true of predictions, from files.</summary>
internal static class FeedbackCommand
{
    private const int Listed = 10;

    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model that the predictions are of." };
        var files = new Argument<string[]>("FILE") { Description = "CSV, JSON Lines or Parquet with predictionId or key, and actual, time, seen, used, opinion, comment.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("feedback", "Take in what came true of predictions, and what people made of them.") { model, files };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var name = open.Workspace.Model(context.Parsed.GetRequiredValue(model)).Name;
            var taken = new List<TakenFile>();
            foreach (var file in context.Parsed.GetRequiredValue(files)) taken.Add(await TakeAsync(context, open, name, file));
            var answer = new FeedbackTaken(name, taken.Sum(t => t.Accepted), taken);
            context.Output.Answer(answer, screen =>
            {
                foreach (var file in taken)
                {
                    screen.Line($"{file.File}: {Cells.Plural(file.Accepted, "item")} accepted{(file.Rejected.Count == 0 ? "" : $", {Cells.Count(file.Rejected.Count)} rejected")}.");
                    foreach (var bad in file.Rejected.Take(Listed)) screen.Line($"  {bad.Field}: {bad.Reason}");
                    if (file.Rejected.Count > Listed) screen.Line($"  and {Cells.Count(file.Rejected.Count - Listed)} more; --json has all.");
                }
            });
            return taken.Exists(t => t.Rejected.Count > 0) ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples = ["serverless-ml feedback flight-delay arrivals.csv", "serverless-ml feedback flight-delay arrivals-*.parquet --json"],
        };
    }

    private static async Task<TakenFile> TakeAsync(CommandContext context, OpenWorkspace open, string model, string file)
    {
        var path = context.FullPath(file);
        if (!File.Exists(path)) throw new FileNotFoundException($"file '{file}' does not exist.");
        using var engine = StandaloneEngine.Create();
        var rejected = new List<RejectedFeedback>();
        var items = await FeedbackTable.ReadAsync(engine.Engine, path, Path.GetFileName(path), model, rejected, context.Cancel);
        var receipt = await open.Get<IFeedback>().AcceptAsync(items, context.By, rejected, context.Cancel);
        return new TakenFile(file, receipt.Accepted, receipt.Rejected);
    }
}

internal sealed record FeedbackTaken(string Model, int Accepted, IReadOnlyList<TakenFile> Files);

internal sealed record TakenFile(string File, int Accepted, IReadOnlyList<RejectedFeedback> Rejected);
