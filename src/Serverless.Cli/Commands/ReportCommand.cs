using System.CommandLine;
using System.Text;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Reports;
using Serverless.Web.Reports;

namespace Serverless.Cli.Commands;

/// <summary><c>report DATASET --html FILE</c>: what is known of a dataset, as a page.</summary>
internal static class ReportCommand
{
    public static CommandSpec Create()
    {
        var dataset = new Argument<string>("DATASET|MODEL") { Description = "Dataset or model of the workspace." };
        var input = new Option<string?>("--input", "-i") { Description = "Model: rows whose explanations the page shows (JSON, CSV, Parquet); without, a typical row.", HelpName = "FILE|-" };
        var html = HtmlOption();
        var from = new Option<string?>("--from") { Description = "First period that is shown: 2001-01-05 or 2001-01.", HelpName = "PERIOD" };
        var to = new Option<string?>("--to") { Description = "Last period that is shown.", HelpName = "PERIOD" };
        var periods = new Option<int>("--current") { Description = "How many of the last periods are the current window; as many before them are its reference.", HelpName = "N", DefaultValueFactory = _ => 7 };
        var version = PredictCommand.VersionOption();
        var curves = new Option<int?>("--curves") { Description = "Model: draw the curves of so many single rows behind each dependence, 1 to 500.", HelpName = "N" };
        var command = new Command("report", "Make a page of what is known of a dataset (partitions, checks, series, drift) or of a model (what it goes by, for three readers).") { dataset, html, from, to, periods, input, version, curves };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(dataset);
            var current = context.Parsed.GetValue(periods);
            if (current < 1) throw new RequestException($"--current is a number of periods of at least 1, not {current}.");
            await using var open = context.Open(Parts.All);
            if (!open.Workspace.Datasets.ContainsKey(name) && open.Workspace.Models.ContainsKey(name)) 
            {
                var asked = new ModelReports.Asked(context.Parsed.GetValue(html), context.Parsed.GetValue(input), context.Parsed.GetValue(version), context.Parsed.GetValue(curves) ?? 0);
                return await ModelReports.RunAsync(context, open, name, asked);
            }

            if (context.Parsed.GetValue(input) is not null || context.Parsed.GetValue(version) is not null || context.Parsed.GetValue(curves) is not null) throw new RequestException("--input, --version and --curves are for the page of a model; that of a dataset has none.");
            open.Workspace.Dataset(name);
            var query = new ReportQuery { From = context.Parsed.GetValue(from), To = context.Parsed.GetValue(to), Current = current };
            var report = await Bars.RunAsync(context.Output, $"Looking at {name}", 1, _ => open.Get<IDatasetReports>().BuildAsync(name, query, context.Cancel));
            var path = Write(context, context.Parsed.GetValue(html), $"{name}.html", report);
            context.Output.Answer(new { report = path, verdict = report.Verdict, report.Checks, report.Comparison, report.Changes }, screen =>
            {
                screen.Line($"{name}: {report.Verdict.Text}.");
                screen.Line($"The page is {path}");
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml report flights --html flights.html", "serverless-ml report flights --html may.html --to 2001-05 --current 14", "serverless-ml report flight-delay --html flight-delay.html", "serverless-ml report flight-delay --version 3 --curves 50"],
        };
    }

    /// <summary><c>--html [FILE]</c>, as every command with a page has it.</summary>
    public static Option<string?> HtmlOption() => new("--html") { Description = "File for the page, complete in itself.", HelpName = "FILE", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Writes the page, whole or not at all, and returns its path.</summary>
    public static string Write(CommandContext context, string? file, string standard, ReportDocument report) => Write(context, file, standard, to => ReportPage.Write(to, report));

    /// <summary>The same for any page.</summary>
    public static string Write(CommandContext context, string? file, string standard, Action<TextWriter> page)
    {
        var path = context.FullPath(string.IsNullOrEmpty(file) ? standard : file);
        var half = $"{path}.{Environment.ProcessId}.part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var to = new StreamWriter(half, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))) page(to);
            File.Move(half, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(half);
            throw new EnvironmentException($"the page could not be written to '{path}': {e.Message}", e);
        }

        return path;
    }
}
