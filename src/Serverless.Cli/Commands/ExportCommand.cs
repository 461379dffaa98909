using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Web.Mlflow;

namespace Serverless.Cli.Commands;

/// <summary><c>export mlflow DIR</c>: runs and versions in another tool's own layout.</summary>
internal static class ExportCommand
{
    public static CommandSpec Create() => new(new Command("export", "Write runs and models for other tools."), null)
    {
        Examples = ["serverless-ml export mlflow ./out"],
        Subcommands = [Mlflow()],
    };

    private static CommandSpec Mlflow()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "Folder to write 'mlruns' into." };
        var command = new Command("mlflow", "Write trainings and versions as MLflow's file store: mlruns/<experiment>/<run>, mlruns/models.") { folder };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Serving);
            var done = await open.Get<IMlflowExport>().WriteAsync(context.Parsed.GetRequiredValue(folder).FullName, context.Cancel);
            context.Output.Answer(done, screen =>
            {
                screen.Line($"{Cells.Plural(done.Experiments, "experiment")}, {Cells.Plural(done.Runs, "run")}, {Cells.Plural(done.Versions, "version")} ({done.Flavours} of them loadable by MLflow's lightgbm flavour) in {done.Folder}.");
                screen.Line($"Look at them: mlflow ui --backend-store-uri {done.Folder}");
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml export mlflow ./out"],
        };
    }
}
