using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Registry;
using Serverless.Training;

namespace Serverless.Cli.Commands;

/// <summary><c>models import MODEL FILE.onnx</c>: a model that was trained elsewhere is checked, judged on the holdout where there are rows, and registered.</summary>
internal static class ModelsImportCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model of the workspace with 'trainer: onnx'." };
        var file = new Argument<string>("FILE") { Description = "An ONNX file." };
        var reason = new Option<string?>("--reason") { Description = "Why, for the record.", HelpName = "TEXT" };
        var command = new Command("import", "Register an ONNX model that was trained elsewhere.") { model, file, reason };
        return new CommandSpec(command, async context =>
        {
            var (name, path) = (context.Parsed.GetRequiredValue(model), context.FullPath(context.Parsed.GetRequiredValue(file)));
            await using var open = context.Open(Parts.All);
            var imports = open.Get<ModelImports>();
            var state = await imports.BeginAsync(name, path, context.By, context.Parsed.GetValue(reason) ?? $"import of {Path.GetFileName(path)}", context.Cancel);
            if (state is not null)
            {
                var report = await Trainings.RunAsync(open, state, context.Output, context.Cancel);
                context.Output.Answer(TrainCommand.Document(report), screen => TrainCommand.Show(screen, report));
                return report.Gate.Passed ? ExitCode.Done : ExitCode.No;
            }

            var version = await imports.RegisterAsync(name, path, context.Cancel);
            var champion = await open.Get<IModelRegistry>().AliasAsync(name, Alias.Champion, context.Cancel);
            context.Output.Answer(new { run = version.Run, model = name, version = version.Version, champion, metrics = version.Metrics, awaitingApproval = version.Status == VersionStatus.AwaitingApproval }, screen =>
            {
                var next = version.Status == VersionStatus.AwaitingApproval ? "approve" : "promote";
                screen.Line($"{name} version {version.Version} is registered. Its dataset has no rows, so it was judged by nobody: 'serverless-ml models {next} {name} {version.Version} --comment TEXT' makes it champion.");
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml models import flight-delay model.onnx --reason \"trained in Python\""],
        };
    }
}
