using System.Globalization;
using Serverless.Models;

namespace Serverless.Scoring;

/// <summary>How the outputs of a model become an answer.</summary>
public sealed class AnswerShape(ModelSchema schema)
{
    public TaskKind Task { get; } = schema.Task;

    public IReadOnlyList<string> Classes { get; } = schema.Classes;

    /// <summary>Names of the classes, ready for JSON.</summary>
    public System.Text.Json.JsonEncodedText[] EncodedClasses { get; } = [.. schema.Classes.Select(c => System.Text.Json.JsonEncodedText.Encode(c))];

    /// <summary>Binary: probability of true above the threshold.</summary>
    public bool IsTrue(ReadOnlySpan<double> outputs) => outputs[0] > schema.Threshold;

    /// <summary>Multiclass: the most probable class; the first of equals.</summary>
    public int Best(ReadOnlySpan<double> outputs)
    {
        var best = 0;
        for (var i = 1; i < outputs.Length; i++) if (outputs[i] > outputs[best]) best = i;
        return best;
    }

    /// <summary>The prediction as text: <c>true</c>, a class, or a number.</summary>
    public string Text(ReadOnlySpan<double> outputs) => Task switch
    {
        TaskKind.Binary => IsTrue(outputs) ? "true" : "false",
        TaskKind.Multiclass => Classes[Best(outputs)],
        _ => outputs[0].ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Binary: probability of true. Multiclass: probability of the predicted class. Regression: the value.</summary>
    public double Score(ReadOnlySpan<double> outputs) => Task == TaskKind.Multiclass ? outputs[Best(outputs)] : outputs[0];

    public static bool Finite(ReadOnlySpan<double> outputs)
    {
        foreach (var output in outputs) if (!double.IsFinite(output)) return false;
        return true;
    }
}
