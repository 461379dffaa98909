namespace Serverless.Explanations;

/// <summary>Why a model said what it said of one row: what each raw column did to the score, and the same in a sentence.</summary>
public sealed record Explanation
{
    /// <summary><c>path-dependent</c>, <c>interventional</c>, <c>additive</c>, <c>sampled</c> or <c>lime</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Contributions are exact Shapley values; otherwise see <see cref="Contribution.StandardError"/> or <see cref="Fidelity"/>.</summary>
    public required bool Exact { get; init; }

    public required ScoreScale Scale { get; init; }

    /// <summary>The class whose score is explained; null unless the task is multiclass.</summary>
    public string? Class { get; init; }

    /// <summary>The score without knowing anything of the row.</summary>
    public required double Baseline { get; init; }

    /// <summary>Baseline and contributions together, but for <c>lime</c>.</summary>
    public required double Score { get; init; }

    /// <summary>The baseline as an answer: a probability, or the value.</summary>
    public required double BaselineAnswer { get; init; }

    /// <summary>What the model answers: a probability, or the value.</summary>
    public required double Answer { get; init; }

    /// <summary>The prediction as text: true, false, a class, a number.</summary>
    public required string Prediction { get; init; }

    /// <summary>Greatest first, without regard to sign. One for each raw column that the model reads.</summary>
    public required IReadOnlyList<Contribution> Contributions { get; init; }

    /// <summary>R2 of a local surrogate around the row; null for methods that add up.</summary>
    public double? Fidelity { get; init; }

    public required string Sentence { get; init; }

    /// <summary>Language of the sentence: en, fr.</summary>
    public required string Language { get; init; }
}

/// <param name="Feature">A raw column, as rows name it.</param>
/// <param name="Value">long, double, bool, string or DateTime (UTC); null when it is missing.</param>
/// <param name="Amount">On the scale of the score.</param>
/// <param name="StandardError">Of sampled values; null where the method is exact.</param>
/// <param name="Parts">Features made of the column alone, where it is not simply itself: an hour and a weekday of a date.</param>
public sealed record Contribution(string Feature, object? Value, double Amount, double? StandardError, IReadOnlyList<FeaturePart> Parts);

/// <param name="Feature">As the model file names it.</param>
/// <param name="From">Its expression.</param>
/// <param name="Value">double, bool or string; null when it is missing.</param>
/// <param name="Amount">Its share of the column's contribution; null where the method sees columns only.</param>
public sealed record FeaturePart(string Feature, string From, object? Value, double? Amount);
