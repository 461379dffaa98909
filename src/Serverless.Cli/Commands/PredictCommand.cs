using System.CommandLine;
using Serverless.Arrival;
using Serverless.Cli.Hosting;
using Serverless.Cli.Prediction;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Scoring;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>predict MODEL --input FILE|-</c>: the champion's answers, read and scored by the code that answers over HTTP, and logged like there.</summary>
internal static class PredictCommand
{
    private const int ListedRows = 20;

    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Model whose champion answers." };
        var input = new Option<string>("--input", "-i")
        {
            Description = "Rows as JSON ({\"rows\":[...]}, an array, or JSON Lines), CSV or Parquet; - is stdin.", HelpName = "FILE|-", Required = true,
        };
        var command = new Command("predict", "Ask a model's champion about rows of a file or of stdin.") { model, input };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.Serving);
            var served = await ServedAsync(open, name, context.Cancel);
            var note = await open.Get<DataNotes>().LookAsync(name, context.Cancel);
            if (note?.Refusal is { } refusal) throw new DataException($"nothing is predicted from old data: {refusal}");
            foreach (var text in note?.Texts ?? []) context.Output.Warn(text);
            var answers = new Answers(served, note, open.Get<PredictionIds>(), open.Get<IPredictionLog>(), open.Get<TimeProvider>());
            await foreach (var body in PredictionInput.ReadAsync(context, context.Parsed.GetRequiredValue(input), served.Schema.Inputs)) answers.Add(body);
            await open.Get<IPredictionLog>().FlushAsync(context.Cancel);
            await answers.StoredAsync();
            if (context.Output.Json) context.Output.AnswerJson(answers.ToJson());
            else context.Output.Answer("", screen => Show(screen, served, answers));
            return ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml predict flight-delay --input rows.csv",
                """echo '{"date":"2001-03-02T18:30:00Z","distance":733,"origin":"ORD","destination":"LGA"}' | serverless-ml predict flight-delay --input -""",
            ],
        };
    }

    /// <summary><c>--version N</c> of commands that look at a version.</summary>
    internal static Option<int?> VersionOption() => new("--version") { Description = "This version instead of the champion, whatever became of it.", HelpName = "N" };

    /// <summary>The version to look at; null = the champion. Throws when there is none, or it cannot be loaded.</summary>
    internal static Task<ServedModel> LookAtAsync(OpenWorkspace open, string model, int? version, CancellationToken cancel) =>
        version is { } number ? open.Get<ServedVersions>().LookAtAsync(model, number, cancel) : ServedAsync(open, model, cancel);

    /// <summary>The champion. Throws when there is none, or it cannot be loaded.</summary>
    internal static async Task<ServedModel> ServedAsync(OpenWorkspace open, string model, CancellationToken cancel)
    {
        try
        {
            return await open.Get<IModelHost>().GetAsync(model, cancel);
        }
        catch (NoChampionException e)
        {
            throw e.Damaged ? new DataException(e.Message, e) : new RequestException(e.Message, e);
        }
    }

    private static void Show(IAnsiConsole screen, ServedModel served, Answers answers)
    {
        var table = served.Schema.Task == Models.TaskKind.Regression ? Cells.Table(">Row", ">Prediction") : Cells.Table(">Row", "Prediction", ">Probability");
        foreach (var (row, prediction, probability) in answers.Lines.Take(ListedRows))
        {
            if (probability is null) table.Row($"{row}", prediction);
            else table.Row($"{row}", prediction, Cells.Number(probability));
        }

        screen.Write(table);
        if (answers.Count > ListedRows) screen.Line($"... and {Cells.Plural(answers.Count - ListedRows, "row")} more (--json shows all).");
        if (answers.Unusual > 0) screen.Line($"{Cells.Plural(answers.Unusual, "row")} unlike what the version learned from (--json says why).");
        screen.Line($"{served.Name} version {served.Version}, {Cells.Plural(answers.Count, "row")}.");
    }
}
