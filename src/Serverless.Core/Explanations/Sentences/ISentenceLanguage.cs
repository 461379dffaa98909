namespace Serverless.Explanations.Sentences;

/// <summary>Tells an explanation to somebody who knows neither models nor numbers. One file for each language, registered in <see cref="ExplanationsServices"/>.</summary>
internal interface ISentenceLanguage
{
    /// <summary>ISO 639-1: en, fr.</summary>
    string Code { get; }

    string Write(SentenceFacts facts);
}

/// <summary>What a sentence is made of; every language puts it into its own words.</summary>
internal sealed record SentenceFacts
{
    public required Models.TaskKind Task { get; init; }

    /// <summary>What is predicted.</summary>
    public required PredictedThing Outcome { get; init; }

    /// <summary>Probability, or value.</summary>
    public required double Answer { get; init; }

    public required double BaselineAnswer { get; init; }

    /// <summary>The class that is explained (multiclass).</summary>
    public string? Class { get; init; }

    /// <summary>The explained class is the predicted one (multiclass).</summary>
    public bool IsPredicted { get; init; } = true;

    /// <summary>What speaks for the change from the baseline, most important first.</summary>
    public required IReadOnlyList<Reason> For { get; init; }

    /// <summary>What speaks against it and weighs enough to be named.</summary>
    public required IReadOnlyList<Reason> Against { get; init; }
}

/// <param name="Text">The label's expression.</param>
/// <param name="IsColumn">It is one column as it is.</param>
/// <param name="Phrases">Whole clauses by language, from the model file: "the flight is late".</param>
internal sealed record PredictedThing(string Text, bool IsColumn, string? Unit, IReadOnlyDictionary<string, string> Phrases)
{
    public string? Phrase(string language) => Phrases.GetValueOrDefault(language);
}

/// <param name="Name">Column or feature, as the files name it.</param>
/// <param name="Labels">By language, with its article where the language has one: "la distance".</param>
/// <param name="Value">Null when it is missing.</param>
/// <param name="Part">What the value is of a timestamp.</param>
internal sealed record Reason(string Name, IReadOnlyDictionary<string, string> Labels, object? Value, string? Unit, TimePart Part)
{
    public string? Label(string language) => Labels.GetValueOrDefault(language);
}

internal enum TimePart { None, Hour, DayOfWeek, Month, Year, Day }
