using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Explanations.Sentences;

/// <summary>Chooses what a sentence names, and what things are called: labels of the contract and of the model file as they are today, units as the model knows them.</summary>
internal sealed partial class ExplanationWords
{
    private const int MostReasons = 3;

    /// <summary>Of all that speaks for the change, a reason has this share at least.</summary>
    private const double LeastShare = 0.1;

    /// <summary>What speaks against is named from this share of the greatest reason.</summary>
    private const double LeastAgainst = 0.25;

    private static readonly Dictionary<string, string> NoLabels = [];

    private readonly IReadOnlyDictionary<string, ISentenceLanguage> languages;
    private readonly Dictionary<string, (IReadOnlyDictionary<string, string> Labels, string? Unit)> columns;
    private readonly TaskKind task;
    private readonly PredictedThing outcome;

    /// <param name="inputs">Columns of the model.</param>
    /// <param name="label">Expression of the label.</param>
    /// <param name="dataset">The contract today; null when it is gone.</param>
    /// <param name="model">The model file today; null when it is gone.</param>
    public ExplanationWords(IEnumerable<ISentenceLanguage> languages, TaskKind task, IReadOnlyList<RawColumn> inputs, string label, DatasetDefinition? dataset, ModelDefinition? model)
    {
        this.languages = languages.ToDictionary(l => l.Code, StringComparer.Ordinal);
        this.task = task;
        var contract = dataset?.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal) ?? [];
        columns = inputs.ToDictionary(c => c.Name, c => (contract.GetValueOrDefault(c.Name)?.Labels ?? NoLabels, c.Unit), StringComparer.Ordinal);
        var target = contract.GetValueOrDefault(label.Trim());
        outcome = new PredictedThing(label.Trim(), target is not null, target?.Unit, model?.Outcome ?? target?.Labels ?? NoLabels);
    }

    public IReadOnlyCollection<string> Languages => [.. languages.Keys.Order(StringComparer.Ordinal)];

    /// <exception cref="RequestException">The language is not known.</exception>
    public string Sentence(Explanation explanation, string language)
    {
        if (!languages.TryGetValue(language, out var words)) throw new RequestException($"language '{language}' is not known. Languages: {string.Join(", ", Languages)}.");
        var up = explanation.Score >= explanation.Baseline;
        // Of a class the probability may fall while its score rises: its sentence is about what speaks for the class.
        if (task == TaskKind.Multiclass) up = true;
        var (along, against) = (Side(explanation, up), Side(explanation, !up));
        var total = along.Sum(c => Math.Abs(c.Amount));
        return words.Write(new SentenceFacts
        {
            Task = task,
            Outcome = outcome,
            Answer = explanation.Answer,
            BaselineAnswer = explanation.BaselineAnswer,
            Class = explanation.Class,
            IsPredicted = explanation.Class is null || explanation.Class == explanation.Prediction,
            For = [.. along.Where(c => Math.Abs(c.Amount) >= LeastShare * total).Take(MostReasons).Select(c => Reason(c, up))],
            Against = [.. against.Where(c => along.Length > 0 && Math.Abs(c.Amount) >= LeastAgainst * Math.Abs(along[0].Amount)).Take(1).Select(c => Reason(c, !up))],
        });
    }

    private static Contribution[] Side(Explanation explanation, bool up) => [.. explanation.Contributions.Where(c => up ? c.Amount > 0 : c.Amount < 0)];

    // Where a column's own value says little (a moment) and a feature of it says more (the hour), the feature that did most is named.
    private Reason Reason(Contribution contribution, bool up)
    {
        var (labels, unit) = columns[contribution.Feature];
        var part = contribution.Parts.Where(p => p.Amount is not null && (up ? p.Amount > 0 : p.Amount < 0)).MaxBy(p => Math.Abs(p.Amount!.Value));
        if (contribution.Value is not DateTime || part?.Value is not double) return new Reason(contribution.Feature, labels, contribution.Value, unit, TimePart.None);
        return new Reason(part.Feature, NoLabels, part.Value, null, PartOf(part.From));
    }

    private static TimePart PartOf(string expression) =>
        Member().Match(expression.Trim()) is { Success: true } match && Enum.TryParse<TimePart>(match.Groups["member"].Value, out var part) ? part : TimePart.None;

    [GeneratedRegex(@"^(int\()?\w+\.(?<member>Hour|DayOfWeek|Month|Year|Day)\)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Member();
}
