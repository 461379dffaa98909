using System.Collections.Concurrent;
using Serverless.Datasets;
using Serverless.Explanations.Sentences;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;

namespace Serverless.Explanations;

/// <summary>Explains rows of one model version. Thread-safe; what depends on the model only is prepared once for each method.</summary>
public sealed class ModelExplainer
{
    private readonly ExplanationSetup setup;
    private readonly ExplanationCatalogue methods;
    private readonly ExplanationWords words;
    private readonly AnswerShape shape;
    private readonly ConcurrentDictionary<string, (string Name, IRowExplainer Explainer)> prepared = new(StringComparer.Ordinal);
    private readonly PartReader[][] parts;

    internal ModelExplainer(ExplanationSetup setup, ExplanationCatalogue methods, ExplanationWords words)
    {
        (this.setup, this.methods, this.words) = (setup, methods, words);
        shape = new AnswerShape(setup.Pipeline.Schema);
        parts = [.. Enumerable.Range(0, setup.Game.Players).Select(Parts)];
    }

    public string Model => setup.Pipeline.Model;

    public int Version => setup.Pipeline.Version;

    public ModelSchema Schema => setup.Pipeline.Schema;

    public ScoreScale Scale => setup.Score.Scale(Schema.Task);

    /// <summary>The method that a name means for this model: <c>auto</c> is its best.</summary>
    /// <exception cref="RequestException">It is not known, or cannot explain this model.</exception>
    /// <exception cref="DataException">No method can.</exception>
    public string MethodOf(string name) => Prepare(name).Name;

    /// <summary>A made-up row of the middle or most frequent value of each column of the background, so that a page can show a case and no person's row; null without a background.</summary>
    public RawRow? TypicalRow()
    {
        if (setup.Background is not { } background) return null;
        var row = setup.Pipeline.Features.Schema.NewRow();
        for (var c = 0; c < Schema.Inputs.Count; c++)
        {
            var (column, type) = (c, Schema.Inputs[c].Type);
            var present = background.Rows.Where(r => r.Present[column]).ToArray();
            if (present.Length == 0) continue;
            var typical = type switch
            {
                ColumnType.String => present.GroupBy(r => r.Texts[column], StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).First().First(),
                ColumnType.Boolean => present.GroupBy(r => r.Numbers[column]).MaxBy(g => g.Count())!.First(),
                ColumnType.Timestamp => present.OrderBy(r => r.Ticks[column]).ElementAt(present.Length / 2),
                _ => present.OrderBy(r => r.Numbers[column]).ElementAt(present.Length / 2),
            };
            ColumnGame.Copy(typical, row, column);
        }

        return row;
    }

    internal ExplanationSetup Setup => setup;

    internal ExplanationWords Words => words;

    internal IRowExplainer Explainer(string method) => Prepare(method).Explainer;

    public Attribution NewAttribution() => new(setup.Game.Players, setup.Game.Slots);

    /// <summary>Raw numbers only, without words: allocates nothing for trees and additive models.</summary>
    /// <param name="features">The features of <paramref name="row"/>.</param>
    public void Attribute(RawRow row, ReadOnlySpan<float> features, int output, string method, Attribution into) => Prepare(method).Explainer.Explain(row, features, output, into);

    /// <param name="row">Over the columns of <see cref="ModelSchema.Inputs"/>.</param>
    /// <param name="options">Null = the best method, English, the predicted class.</param>
    public Explanation Explain(RawRow row, ExplanationOptions? options = null)
    {
        options ??= ExplanationOptions.Standard;
        var (method, explainer) = Prepare(options.Method);
        var features = new float[setup.Game.Slots];
        var answers = new double[setup.Score.Outputs];
        setup.Pipeline.Score(row, features, answers);
        var output = Output(options.Class, answers);
        var attribution = NewAttribution();
        explainer.Explain(row, features, output, attribution);
        var baseline = BaselineAnswer(explainer, output, attribution);
        var explanation = new Explanation
        {
            Method = method,
            Exact = explainer.Exact,
            Scale = Scale,
            Class = Schema.Task == TaskKind.Multiclass ? Schema.Classes[output] : null,
            Baseline = attribution.Baseline,
            Score = attribution.Score,
            BaselineAnswer = baseline,
            Answer = answers[output],
            Prediction = shape.Text(answers),
            Contributions = [.. Enumerable.Range(0, setup.Game.Players).Select(c => Contribution(row, c, attribution, explainer.Exact)).OrderByDescending(c => Math.Abs(c.Amount))],
            Fidelity = attribution.Fidelity,
            Sentence = "",
            Language = options.Language,
        };
        return explanation with { Sentence = words.Sentence(explanation, options.Language) };
    }

    private int Output(string? name, double[] answers) => ClassOf(name) ?? (Schema.Task == TaskKind.Multiclass ? shape.Best(answers) : 0);

    /// <summary>The output of a class of that name; null where none is named.</summary>
    /// <exception cref="RequestException">There is no such class.</exception>
    internal int? ClassOf(string? name)
    {
        if (name is null) return null;
        if (Schema.Task != TaskKind.Multiclass) throw new RequestException($"model '{Model}' has no classes to choose from; leave 'class' out.");
        var at = Schema.Classes.ToList().IndexOf(name);
        return at >= 0 ? at : throw new RequestException($"model '{Model}' has no class '{name}'.{Suggest.Hint(name, Schema.Classes)}");
    }

    // Classes share one sum: the baseline's probability of one needs the baselines of all.
    private double BaselineAnswer(IRowExplainer explainer, int output, Attribution explained)
    {
        var scores = new double[setup.Score.Outputs];
        for (var k = 0; k < scores.Length; k++) scores[k] = k == output ? explained.Baseline : explainer.Baseline(k);
        setup.Score.ToAnswers(scores);
        return scores[output];
    }

    private Contribution Contribution(RawRow row, int column, Attribution attribution, bool exact) => new(
        Schema.Inputs[column].Name, Value(row, column), attribution.Columns[column], exact || attribution.Fidelity is not null ? null : attribution.StandardErrors[column],
        [.. parts[column].Select(p => new FeaturePart(p.Name, p.From, p.Value(row), attribution.HasSlots ? p.Slots.Sum(s => attribution.Slots[s]) : null))]);

    private object? Value(RawRow row, int column) => !row.Present[column] ? null : Schema.Inputs[column].Type switch
    {
        ColumnType.Integer => row.Ticks[column],
        ColumnType.Number => row.Numbers[column],
        ColumnType.Boolean => row.Numbers[column] != 0,
        ColumnType.Timestamp => new DateTime(row.Ticks[column], DateTimeKind.Utc),
        _ => row.Texts[column],
    };

    private (string Name, IRowExplainer Explainer) Prepare(string name)
    {
        if (prepared.TryGetValue(name, out var ready)) return ready;
        var method = methods.Find(name, setup);
        return prepared.GetOrAdd(name, _ => name == method.Name ? (method.Name, method.Prepare(setup)) : Prepare(method.Name));
    }

    // Features that read this column and no other, unless the only one is the column itself.
    private PartReader[] Parts(int column)
    {
        var plan = setup.Pipeline.Features;
        var name = plan.Schema.Columns[column].Name;
        var found = plan.Slots.Select((slot, i) => (slot, i)).Where(s => setup.Game.Single[s.i] == column).GroupBy(s => s.slot.Feature)
            .Select(g => (Feature: plan.State.Features.FirstOrDefault(f => f.Name == g.Key), Slots: g.Select(s => s.i).ToArray())).Where(f => f.Feature is not null).ToArray();
        if (found is [{ Feature.From: var only }] && only.Trim() == name) return [];
        return [.. found.Select(f => new PartReader(f.Feature!.Name, f.Feature.From, plan.ReaderOf(f.Feature.Name), f.Slots))];
    }

    private sealed record PartReader(string Name, string From, ValueReader Reader, int[] Slots)
    {
        public object? Value(RawRow row)
        {
            if (Reader.Kind == ValueKind.Text) return Reader.Text(row);
            if (Reader.Kind == ValueKind.Timestamp) return Reader.TryTicks(row, out var ticks) ? new DateTime(ticks, DateTimeKind.Utc) : null;
            var number = Reader.Number(row);
            return double.IsNaN(number) ? null : Reader.Kind == ValueKind.Boolean ? number != 0 : number;
        }
    }
}

/// <param name="Method">A method's name, or <c>auto</c>.</param>
/// <param name="Language">en or fr.</param>
/// <param name="Class">Multiclass: the class whose score is explained; null = the predicted one.</param>
public sealed record ExplanationOptions(string Method = "auto", string Language = "en", string? Class = null)
{
    public static ExplanationOptions Standard { get; } = new();
}
