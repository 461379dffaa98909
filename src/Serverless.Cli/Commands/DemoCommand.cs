using System.CommandLine;
using Serverless.Cli.Demo;
using Serverless.Cli.Samples;
using Serverless.Cli.Terminal;
using Serverless.Storage;

namespace Serverless.Cli.Commands;

/// <summary><c>demo [--sample S]</c>: from real data to a prediction over HTTP, in a fresh folder.</summary>
internal static class DemoCommand
{
    public static CommandSpec Create()
    {
        var sample = SampleCatalogue.Option();
        var folder = new Option<string?>("--folder") { Description = "Folder to make the workspace in. Default: a new one among the temporary files.", HelpName = "DIR" };
        var noServe = new Option<bool>("--no-serve") { Description = "Stop the API after the question, also when a terminal is attached." };
        var urls = new Option<string>("--urls") { Description = "Address of the API.", HelpName = "URLS", DefaultValueFactory = _ => "http://127.0.0.1:0" };
        var command = new Command("demo", "From real data to a prediction over HTTP, in a fresh folder, in a minute.") { sample, folder, noServe, urls };
        return new CommandSpec(command, async context =>
        {
            var chosen = SampleCatalogue.Find(context.Parsed.GetValue(sample) ?? SampleCatalogue.All[0].Name);
            var target = context.Parsed.GetValue(folder) is { } named ? context.FullPath(named)
                : Path.Combine(Path.GetTempPath(), "serverless-ml", $"demo-{chosen.Name}-{IdSource.System.Next(6)}");
            var (report, host) = await DemoWalk.RunAsync(context, chosen, target, context.Parsed.GetRequiredValue(urls));
            await using (host)
            {
                context.Output.Answer(report.Document(), screen => DemoScreen.Show(screen, chosen, report));
                if (context.Console.OutIsTerminal && !context.Output.Json && !context.Parsed.GetValue(noServe))
                {
                    context.Output.Answer("", screen =>
                    {
                        screen.Line($"Interactive page:  {report.Url}/docs");
                        screen.Line($"The API goes on until Ctrl-C:  {report.Url}");
                    });
                    await host.RunAsync(context.Cancel);
                }
                else if (!context.Output.Json)
                {
                    context.Output.Answer("", screen =>
                    {
                        screen.Line($"The API has stopped; it was at {report.Url}. To start it again:");
                        screen.Line($"  {Invocation.Of(AppContext.BaseDirectory, context.Console.CurrentFolder)} serve --workspace {report.Folder}");
                    });
                }
            }

            return report.Trainings.All(t => t.Gate.Passed) ? ExitCode.Done : ExitCode.No;
        })
        {
            Examples = ["serverless-ml demo", "serverless-ml demo --sample weather", "serverless-ml demo --json"],
        };
    }
}
