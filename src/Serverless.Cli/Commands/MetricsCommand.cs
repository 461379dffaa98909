using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Series;
using Serverless.Series.Anomalies;
using Serverless.Tracking;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>metrics DATASET [METRIC...]</c>: figures of the partitions over time, with what the anomaly rules say of them.</summary>
internal static class MetricsCommand
{
    private const int ListedAnomalies = 10;

    public static CommandSpec Create()
    {
        var dataset = new Argument<string>("DATASET")
        {
            Description = "Dataset of the workspace, and behind it the metrics that are wanted: size, quarantined, completeness(delay), mean(delay), quantile(delay, 0.5), entropy(origin) ... "
                + "Without any: those that checks and rules look at. Or a model, and metrics of its trainings day by day: auc, brier ...",
        };

        // Told with the dataset: a second column of names would make the list of all commands too wide.
        var metrics = new Argument<string[]>("METRIC") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };
        var from = new Option<string?>("--from") { Description = "The first period that is shown: 2001-01-05 or 2001-01.", HelpName = "PERIOD" };
        var to = new Option<string?>("--to") { Description = "The last one.", HelpName = "PERIOD" };
        var rule = new Option<string?>("--try") { Description = "Judge by this strategy instead of the rules of the dataset file.", HelpName = "\"STRATEGY KEY=VALUE ...\"" };
        var search = new Option<string?>("--search") { Description = "With --try: judge these periods together, against all others.", HelpName = "FROM..TO" };
        var command = new Command("metrics", "Figures of the partitions over time, or of a model, and which of them are anomalous.") { dataset, metrics, from, to, rule, search };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(dataset);
            await using var open = context.Open(Parts.Store);
            var query = new JudgedQuery
            {
                Metrics = context.Parsed.GetValue(metrics) ?? [],
                From = context.Parsed.GetValue(from),
                To = context.Parsed.GetValue(to),
                Try = context.Parsed.GetValue(rule) is { } words ? Rule(words) : null,
                Search = context.Parsed.GetValue(search) is { } range ? Range(range, context.Parsed.GetValue(rule)) : null,
            };
            // A dataset's name comes first where a model has the same.
            var ofModel = !open.Workspace.Datasets.ContainsKey(name) && open.Workspace.Models.ContainsKey(name);
            if (!ofModel && !open.Workspace.Datasets.ContainsKey(name)) throw Unknown(open, name);
            var page = await (ofModel ? open.Get<IModelSeries>().ReadAsync(name, query, context.Cancel) : open.Get<ISeriesReports>().ReadAsync(name, query, context.Cancel));
            if (page.Series[0].Points.Count == 0) throw new DataException(Nothing(name, ofModel, query));
            context.Output.Answer(new { dataset = ofModel ? null : name, model = ofModel ? name : null, anomalous = page.Series.Any(s => s.Anomalous), series = page.Series },
                screen => Show(screen, page.Series, Math.Clamp((context.Console.Width ?? 80) - 4, 20, 120)));
            return page.Series.Any(s => s.Anomalous) ? ExitCode.No : ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml metrics flights", "serverless-ml metrics flights size \"mean(delay)\" --from 2001-02",
                "serverless-ml metrics flights size --try \"relative-rate min=0.5 max=2\"",
                "serverless-ml metrics flight-delay auc brier --try \"absolute-change min=-0.02\"",
            ],
        };
    }

    private static AnomalyDefinition Rule(string words)
    {
        var parts = words.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0 || parts.Skip(1).FirstOrDefault(p => p.IndexOf('=') < 1) is not null)
        {
            throw new RequestException($"'--try {words}' is not a rule; write the strategy and its parameters, such as --try \"relative-rate max=2\".");
        }

        return new AnomalyDefinition
        {
            Metric = Given(""), Strategy = Given(parts[0]),
            Parameters = parts.Skip(1).Select(p => p.Split('=', 2)).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => Given(g.Last()[1])),
        };
    }

    private static Parameter Given(string text) => new([text], false, 0, 0);

    private static (string, string) Range(string text, string? rule)
    {
        if (rule is null) throw new RequestException("--search belongs to --try: it says which periods the strategy judges together.");
        return text.Split("..", 2) is [{ Length: > 0 } from, { Length: > 0 } to] ? (from, to) : throw new RequestException($"'{text}' is not a range of periods; write such as 2001-01-05..2001-01-07.");
    }

    private static RequestException Unknown(OpenWorkspace open, string name)
    {
        var known = open.Workspace.Datasets.Keys.Concat(open.Workspace.Models.Keys).ToArray();
        return new RequestException($"'{name}' is neither a dataset nor a model of this workspace.{Suggest.Hint(name, known)}");
    }

    private static string Nothing(string dataset, bool ofModel, JudgedQuery query) => ofModel
        ? $"model '{dataset}' has no training with metrics {(query.From is null ? "" : $"from '{query.From}' ")}{(query.To is null ? "" : $"to '{query.To}' ")}yet. 'serverless-ml train {dataset}' makes one."
        : query.From is null && query.To is null
        ? $"dataset '{dataset}' has no partitions yet. Bring it data with 'serverless-ml ingest {dataset} FILE...'."
        : $"dataset '{dataset}' has no partition {(query.From is null ? "" : $"from '{query.From}' ")}{(query.To is null ? "" : $"to '{query.To}'")}".TrimEnd() + ".";

    private static void Show(IAnsiConsole screen, IReadOnlyList<JudgedSeries> series, int width)
    {
        var points = series[0].Points;
        screen.Line($"{Cells.Plural(points.Count, series[0].Grain.ToString().ToLowerInvariant())}, {points[0].Period} to {points[^1].Period}"
            + (series[0].Gaps.Count == 0 ? "" : $"; missing: {string.Join(", ", series[0].Gaps.Take(5).Select(g => g.Periods == 1 ? g.From : $"{g.From} to {g.To}"))}{(series[0].Gaps.Count > 5 ? ", ..." : "")}"));
        foreach (var one in series)
        {
            screen.Line();
            var values = one.Points.Where(p => p.Value is not null).Select(p => p.Value!.Value).ToArray();
            screen.MarkupLine($"[bold]{Markup.Escape(one.Metric)}[/]  {(values.Length == 0 ? "no values: " + Markup.Escape(one.Points[^1].Reason ?? "") : $"newest {Cells.Number(one.Points[^1].Value)}, {Cells.Number(values.Min())} to {Cells.Number(values.Max())}, mean {Cells.Number(values.Average())}")}");
            if (values.Length > 0)
            {
                var (line, marks) = Spark.Draw([.. one.Points.Select(p => p.Value)], i => one.Points[i].Anomalous, width);
                screen.MarkupLine($"  [blue]{line}[/]");
                if (marks.Length > 0) screen.MarkupLine($"  [red]{marks}[/]");
            }

            Judgements(screen, one);
        }
    }

    private static void Judgements(IAnsiConsole screen, JudgedSeries series)
    {
        var bad = series.Points.SelectMany(p => p.Results).Where(r => r.Anomalous).ToArray();
        foreach (var result in bad.TakeLast(ListedAnomalies)) screen.MarkupLine($"  [red]{Markup.Escape(result.Period)}[/] {Markup.Escape($"{Cells.Number(result.Value)}, expected {AnomalyWords.Expectation(result)} ({result.Strategy}, {result.Severity.ToString().ToLowerInvariant()})")}");
        if (bad.Length > ListedAnomalies) screen.Line($"  and {bad.Length - ListedAnomalies} before; --json has all.");
        foreach (var result in series.Points[^1].Results.Where(r => !r.Anomalous))
        {
            screen.Line(result.NotApplicable is { } why ? $"  newest not judged by {result.Strategy}: {why}" : $"  newest as expected by {result.Strategy}: {AnomalyWords.Expectation(result)}");
        }
    }
}
