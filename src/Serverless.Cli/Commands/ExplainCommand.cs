using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Prediction;
using Serverless.Explanations;
using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary><c>explain MODEL --input FILE|-</c>: why the champion says what it says; <c>--global</c>: what it goes by in general.</summary>
internal static class ExplainCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model whose champion is explained." };
        var input = new Option<string?>("--input", "-i") { Description = "Rows to explain: JSON, JSON Lines, CSV or Parquet; - is stdin.", HelpName = "FILE|-" };
        var language = new Option<string>("--language") { Description = "Language of the sentences: en or fr.", HelpName = "CODE", DefaultValueFactory = _ => "en" };
        var method = new Option<string>("--method")
        {
            Description = "auto, path-dependent (LightGBM's own), interventional, additive, sampled or lime.", HelpName = "NAME", DefaultValueFactory = _ => "auto",
        };
        var chosen = new Option<string?>("--class") { Description = "Multiclass: the class to explain instead of the predicted one.", HelpName = "NAME" };
        var global = new Option<bool>("--global") { Description = "What matters to the model in general: importance, dependence, a small tree." };
        var command = new Command("explain", "Say why a model's champion answers as it does: of rows, or in general.") { model, input, language, method, chosen, global };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            var file = context.Parsed.GetValue(input);
            var general = context.Parsed.GetValue(global);
            if (file is null && !general) throw new RequestException("explain needs rows: --input FILE, or --input - for stdin; or --global for the model in general.");
            if (file is not null && general) throw new RequestException("--input explains rows and --global the model; ask for one of them.");
            await using var open = context.Open(Parts.Serving);
            var served = await PredictCommand.ServedAsync(open, name, context.Cancel);
            var explainer = await open.Get<IExplanations>().OfAsync(served.Pipeline, context.Cancel);
            if (general) return await GlobalLines.RunAsync(context, open, served);
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
            ],
        };
    }
}
