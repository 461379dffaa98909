using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Drift;
using Serverless.Drift.Samples;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Reports;

namespace Serverless.Cli.Commands;

/// <summary>
/// <c>drift --reference FILE --current FILE</c>, <c>drift DATASET</c> and <c>drift MODEL</c>: do the current data still look like the reference? Exit code 1 when they do not.
/// </summary>
internal static class DriftCommand
{
    public static CommandSpec Create()
    {
        var subject = new Argument<string?>("DATASET|MODEL")
        {
            Description = "Its last window against the one before; or new data, predictions and labels against what the model's champion learned from.", Arity = ArgumentArity.ZeroOrOne,
        };
        var windows = new WindowOptions();
        var reference = new Option<string?>("--reference") { Description = "CSV, JSON Lines or Parquet file with the data that are known to be good.", HelpName = "FILE" };
        var current = new Option<string?>("--current") { Description = "The file to compare with it.", HelpName = "FILE" };
        var html = ReportCommand.HtmlOption();
        var options = new DriftOptions();
        var command = new Command("drift", "Compare data with a reference, column by column.") { subject, reference, current, html };
        windows.AddTo(command);
        options.AddTo(command);
        return new CommandSpec(command, async context =>
        {
            var (before, after) = (context.Parsed.GetValue(reference), context.Parsed.GetValue(current));
            if (context.Parsed.GetValue(subject) is { } word)
            {
                if (before is not null || after is not null) throw new RequestException($"name '{word}', or two files with --reference and --current; not both.");
                return await DriftOfWorkspace.RunAsync(context, word, windows, options, html);
            }

            windows.RefuseWith(context.Parsed, "two files");
            var settings = options.Read(context.Parsed);
            if (before is null || after is null) throw new RequestException($"'drift' needs {(before is null ? "--reference FILE" : "--current FILE")}: it compares two files. Or name a dataset or a model.");
            var report = await Task.Run(() => Compare(context, before, after, settings), context.Cancel);
            if (context.Parsed.GetResult(html) is { Implicit: false })
            {
                var page = await PageAsync(context, before, after, report);
                context.Output.Say($"The page is {ReportCommand.Write(context, context.Parsed.GetValue(html), "drift.html", page)}");
            }

            context.Output.Answer(report, screen => DriftScreen.Show(screen, before, after, report));
            return report.Drifted ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml drift flight-delay",
                "serverless-ml drift flights --window 14d",
                "serverless-ml drift --reference january.csv --current february.csv",
                "serverless-ml drift --reference a.parquet --current b.parquet --columns delay,origin",
                "serverless-ml drift --reference a.csv --current b.csv --method ks --correction bh --html drift.html",
            ],
        };
    }

    private static DriftReport Compare(CommandContext context, string reference, string current, DriftSettings settings)
    {
        using var alone = StandaloneEngine.Create();
        using var before = Open(alone, context, reference);
        using var after = Open(alone, context, current);
        return alone.Drift.Compare(before, after, settings, context.Cancel);
    }

    private static async Task<ReportDocument> PageAsync(CommandContext context, string reference, string current, DriftReport report)
    {
        using var alone = StandaloneEngine.Create();
        async Task<ProfileState> ProfileAsync(string file) => (await alone.Engine.ProfileAsync(context.FullPath(file), Path.GetFileName(file), context.Cancel)).State!;
        var (before, after) = (Path.GetFileName(reference), Path.GetFileName(current));
        return DriftPages.Of($"{after} against {before}", report, before, await ProfileAsync(reference), after, await ProfileAsync(current), TimeProvider.System.GetUtcNow());
    }

    private static IDriftFile Open(StandaloneEngine alone, CommandContext context, string file)
    {
        var path = context.FullPath(file);
        if (!File.Exists(path)) throw new FileNotFoundException($"file '{file}' does not exist.");
        return alone.DriftFiles.Open(path, Path.GetFileName(path), context.Cancel);
    }
}
