using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Prediction;
using Serverless.Explanations;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary><c>explain MODEL --input FILE|-</c>: why a version says what it says; <c>--global</c>: what it goes by in general; <c>--dependence COLUMN</c>: how its answer changes with one.</summary>
internal static class ExplainCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model that is explained: its champion, or --version." };
        var input = new Option<string?>("--input", "-i") { Description = "Rows to explain: JSON, JSON Lines, CSV or Parquet; - is stdin.", HelpName = "FILE|-" };
        var language = new Option<string>("--language") { Description = "Language of the sentences: en or fr.", HelpName = "CODE", DefaultValueFactory = _ => "en" };
        var method = new Option<string>("--method")
        {
            Description = "auto, path-dependent (LightGBM's own), interventional, additive, sampled or lime.", HelpName = "NAME", DefaultValueFactory = _ => "auto",
        };
        var chosen = new Option<string?>("--class") { Description = "Multiclass: the class to explain instead of the predicted one.", HelpName = "NAME" };
        var global = new Option<bool>("--global") { Description = "What matters to the model in general: importance, dependence, a small tree." };
        var dependence = new Option<string?>("--dependence") { Description = "How the answer changes with a column (or a feature of a timestamp): partial dependence, and where single rows lie.", HelpName = "COLUMN" };
        var curves = new Option<int?>("--curves") { Description = "With --global or --dependence: the curves of so many single rows, 1 to 500 (ICE; in --json).", HelpName = "N" };
        var version = PredictCommand.VersionOption();
        var command = new Command("explain", "Say why a model answers as it does: of rows, or in general.") { model, input, version, language, method, chosen, global, dependence, curves };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            var file = context.Parsed.GetValue(input);
            var column = context.Parsed.GetValue(dependence);
            var general = context.Parsed.GetValue(global) || column is not null;
            if (file is null && !general) throw new RequestException("explain needs rows: --input FILE, or --input - for stdin; or --global for the model in general, or --dependence COLUMN.");
            if (file is not null && general) throw new RequestException("--input explains rows, --global and --dependence the model; ask for one of them.");
            if (context.Parsed.GetValue(curves) is { } some && (!general || some is < 1 or > DependenceOptions.MostCurves))
            {
                throw new RequestException(general ? $"--curves is a number of rows from 1 to {DependenceOptions.MostCurves}, not {some}." : "--curves shows single rows beside the model in general: say --global or --dependence COLUMN, too.");
            }

            await using var open = context.Open(Parts.Serving);
            var served = await PredictCommand.LookAtAsync(open, name, context.Parsed.GetValue(version), context.Cancel);
            var explainer = await open.Get<IExplanations>().OfAsync(served.Pipeline, context.Cancel);
            if (column is not null) return await DependenceLines.RunAsync(context, open, served, column, new DependenceOptions(context.Parsed.GetValue(curves) ?? DependenceLines.Curves, context.Parsed.GetValue(chosen)));
            if (general) return await GlobalLines.RunAsync(context, open, served, new DependenceOptions(context.Parsed.GetValue(curves) ?? 0, context.Parsed.GetValue(chosen)));
            var options = new ExplanationOptions(context.Parsed.GetRequiredValue(method), context.Parsed.GetRequiredValue(language), context.Parsed.GetValue(chosen));
            explainer.MethodOf(options.Method);
            var explained = new Explained(served, explainer, options);
            await foreach (var body in PredictionInput.ReadAsync(context, file!, served.Schema.Inputs)) explained.Add(body);
            if (context.Output.Json) context.Output.AnswerJson(explained.ToJson());
            else context.Output.Answer("", explained.Show);
            return ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml explain flight-delay --input rows.csv",
                """echo '{"date":"2001-03-02T18:30:00Z","distance":733,"origin":"ORD","destination":"LGA"}' | serverless-ml explain flight-delay --input - --language fr""",
                "serverless-ml explain flight-delay --global",
                "serverless-ml explain flight-delay --version 3 --dependence distance",
            ],
        };
    }
}
