using System.CommandLine;
using Serverless.Cli.Samples;
using Serverless.Cli.Terminal;

namespace Serverless.Cli.Commands;

/// <summary><c>init DIR [--sample flights|weather]</c>: a new workspace.</summary>
internal static class InitCommand
{
    public static CommandSpec Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder to make it in. It may exist, but hold no workspace yet." };
        var sample = SampleCatalogue.Option();
        var command = new Command("init", "Make a workspace: empty, or a copy of a sample with its data.") { folder, sample };
        return new CommandSpec(command, context =>
        {
            var typed = context.Parsed.GetRequiredValue(folder);
            var target = context.FullPath(typed);
            var name = context.Parsed.GetValue(sample);
            if (name is null) EmptyWorkspace.Write(target);
            else SampleCatalogue.Copy(name, target);
            context.Output.Answer(new { workspace = target, sample = name }, screen =>
            {
                screen.Line($"Made a workspace in {typed}.");
                screen.Line("Next:");
                screen.Line($"  cd {typed}");
                foreach (var line in name is null ? EmptyWorkspace.NextSteps : SampleCatalogue.Find(name).NextSteps) screen.Line("  " + line);
            });
            return Task.FromResult(ExitCode.Done);
        })
        {
            Examples = ["serverless-ml init my-project", "serverless-ml init my-project --sample flights"],
        };
    }
}
