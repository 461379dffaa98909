using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Cli.Terminal;
using Serverless.Datasets;
using Serverless.Explanations;
using Serverless.Models;
using Serverless.Scoring;
using Spectre.Console;

namespace Serverless.Cli.Prediction;

/// <summary>Explains bodies of rows and collects what was found: as JSON, and as pictures for a terminal of 80 columns.</summary>
internal sealed class Explained(ServedModel model, ModelExplainer explainer, ExplanationOptions options)
{
    private const int ShownRows = 10;
    private const int ShownColumns = 10;

    private readonly PredictionRequest request = new();
    private readonly RawRow row = new(model.Schema.Inputs.Count);
    private readonly List<Explanation> rows = [];

    public void Add(byte[] body)
    {
        Answers.Read(body, model, request, rows.Count);
        for (var i = 0; i < request.Count; i++)
        {
            RequestReader.ReadRow(request.Sent(i, body), request.LookedUp(i), model, row);
            rows.Add(explainer.Explain(row, options));
        }
    }

    /// <summary><c>{"model","version","method","scale","baseline","rows":[{"score","contributions",...,"sentence"}]}</c>; a baseline for all where all rows have the same.</summary>
    public string ToJson()
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("model", model.Name);
        json.WriteNumber("version", model.Version);
        json.WriteString("method", explainer.MethodOf(options.Method));
        json.WriteString("scale", ExplanationWriter.Word(explainer.Scale));
        if (rows.Count > 0 && rows.TrueForAll(r => r.Baseline == rows[0].Baseline)) json.WriteNumber("baseline", rows[0].Baseline);
        json.WriteStartArray("rows");
        foreach (var explanation in rows)
        {
            json.WriteStartObject();
            if (model.Schema.Task == TaskKind.Regression) json.WriteNumber("prediction", explanation.Answer);
            else if (model.Schema.Task == TaskKind.Binary) json.WriteBoolean("prediction", explanation.Prediction == "true");
            else json.WriteString("prediction", explanation.Prediction);
            ExplanationWriter.WriteFields(json, explanation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    public void Show(IAnsiConsole screen)
    {
        for (var i = 0; i < Math.Min(rows.Count, ShownRows); i++)
        {
            screen.MarkupLine($"[bold]Row {i + 1}[/]: {Markup.Escape(Headline(rows[i]))}");
            foreach (var line in Wrapped(rows[i].Sentence)) screen.Line(line);
            foreach (var contribution in rows[i].Contributions.Take(ShownColumns)) screen.MarkupLine(Bar(contribution, rows[i].Contributions[0].Amount));
            if (rows[i].Contributions.Count > ShownColumns) screen.Line($"  ... and {rows[i].Contributions.Count - ShownColumns} columns that did less.");
            screen.Line();
        }

        if (rows.Count > ShownRows) screen.Line($"... and {Cells.Plural(rows.Count - ShownRows, "row")} more (--json shows all).");
        var how = rows.Count > 0 && !rows[0].Exact ? rows[0].Fidelity is { } r2 ? $", not additive; R2 around the first row {Cells.Number(r2)}" : ", sampled: standard errors in --json" : "";
        screen.Line($"{model.Name} version {model.Version}, {Cells.Plural(rows.Count, "row")}; method {explainer.MethodOf(options.Method)}, scale {ExplanationWriter.Word(explainer.Scale)}{how}.");
    }

    private string Headline(Explanation e)
    {
        var answer = model.Schema.Task == TaskKind.Regression ? Cells.Number(e.Answer) : $"{(e.Class is null || e.Class == e.Prediction ? e.Prediction : e.Class)}, probability {Cells.Number(e.Answer)}";
        return $"{answer}; score {Signed(e.Score)}, baseline {Signed(e.Baseline)}";
    }

    // Broken at spaces that may break: those of numbers in French may not.
    private static IEnumerable<string> Wrapped(string sentence)
    {
        var line = new StringBuilder();
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > 80)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }

    // 2 + 16 + 1 + 19 + 1 + 25 + 1 + 8 = 73 places.
    private static string Bar(Contribution c, double greatest)
    {
        const int Half = 12;
        var length = greatest == 0 ? 0 : (int)Math.Round(Half * Math.Abs(c.Amount / greatest));
        var (left, right) = c.Amount < 0 ? (new string('█', length), "") : ("", new string('█', length));
        return $"  {Markup.Escape(Cells.Cut(c.Feature, 16).PadRight(16))} {Markup.Escape(Cells.Cut(Text(c.Value), 19).PadRight(19))} [blue]{left.PadLeft(Half)}[/]│[yellow]{right.PadRight(Half)}[/] {Signed(c.Amount),8}";
    }

    private static string Signed(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    private static string Text(object? value) => value switch
    {
        null => "(missing)",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        double number => Cells.Number(number),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
