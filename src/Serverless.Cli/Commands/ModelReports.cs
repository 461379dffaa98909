using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.Cli.Prediction;
using Serverless.Cli.Terminal;
using Serverless.Datasets;
using Serverless.Explanations;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Web.Reports;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>report MODEL --html FILE</c>: a model's champion, or another version, for the person concerned, the business and the data scientist.</summary>
internal static class ModelReports
{
    private const int MostCases = 10;

    /// <param name="File">Of the page.</param>
    /// <param name="Input">Rows that it shows; null = a typical one.</param>
    /// <param name="Version">Null = the champion.</param>
    /// <param name="Curves">ICE curves behind each dependence.</param>
    public sealed record Asked(string? File, string? Input, int? Version, int Curves);

    public static async Task<int> RunAsync(CommandContext context, OpenWorkspace open, string name, Asked asked)
    {
        var (file, input) = (asked.File, asked.Input);
        var served = await PredictCommand.LookAtAsync(open, name, asked.Version, context.Cancel);
        var report = await Bars.RunAsync(context.Output, $"Looking at {name}", 1, _ => BuildAsync(context, open, served, input, asked.Curves));
        var path = ReportCommand.Write(context, file, $"{name}.html", to => ModelReportPage.Write(to, report));
        context.Output.Answer(new { report = path, served.Version, report.Global.Method, report.Global.Columns, Sentences = report.Cases.Select(c => c.Sentences) }, screen =>
        {
            foreach (var c in report.Cases.Take(1)) screen.WriteLine($"{c.Name}: {c.Explanation.Sentence}");
            screen.Line($"The page is {path}");
        });
        return ExitCode.Done;
    }

    private static async Task<ModelReport> BuildAsync(CommandContext context, OpenWorkspace open, ServedModel served, string? input, int curves)
    {
        var explanations = open.Get<IExplanations>();
        var explainer = await explanations.OfAsync(served.Pipeline, context.Cancel);
        var global = await open.Get<IGlobalExplanations>().OfAsync(served.Pipeline, new DependenceOptions(curves), context.Cancel);
        var version = await open.Get<IModelRegistry>().FindAsync(served.Name, served.Version, context.Cancel);
        var rows = input is null ? explainer.TypicalRow() is { } typical ? [typical] : [] : await RowsAsync(context, served, input);
        return new ModelReport
        {
            Title = $"{served.Name}, version {served.Version}",
            Description = open.Workspace.Models.GetValueOrDefault(served.Name)?.Description,
            GeneratedAt = open.Get<TimeProvider>().GetUtcNow(),
            Facts =
            [
                new("Task", served.Schema.Task.ToString().ToLowerInvariant()), new("Trainer", version?.Trainer ?? ""), new("Registered", version is null ? "" : Cells.Time(version.CreatedAt) + " UTC"),
                new("Columns", Cells.Count(served.Schema.Inputs.Count)), new("Looked at", Cells.Plural(global.Rows, "row")),
            ],
            Metrics = version?.Metrics ?? new Dictionary<string, double>(),
            Global = global,
            Columns = served.Schema.Inputs,
            Cases = [.. rows.Select((row, i) => new ReportCase(
                input is null ? "A typical case" : string.Create(CultureInfo.InvariantCulture, $"Case {i + 1}"), explainer.Explain(row),
                explanations.Languages.ToDictionary(l => l, l => explainer.Explain(row, new ExplanationOptions(Language: l)).Sentence)))],
        };
    }

    private static async Task<List<RawRow>> RowsAsync(CommandContext context, ServedModel served, string input)
    {
        var (rows, request) = (new List<RawRow>(), new PredictionRequest());
        await foreach (var body in PredictionInput.ReadAsync(context, input, served.Schema.Inputs))
        {
            Answers.Read(body, served, request, rows.Count);
            for (var i = 0; i < request.Count && rows.Count < MostCases; i++)
            {
                var row = new RawRow(served.Schema.Inputs.Count);
                RequestReader.ReadRow(request.Sent(i, body), request.LookedUp(i), served, row);
                rows.Add(row);
            }
        }

        return rows;
    }
}
