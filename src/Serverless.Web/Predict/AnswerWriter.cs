using System.Globalization;
using System.Text.Json;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>The part of an answer that depends on the task: <c>prediction</c>, <c>probability</c> or <c>probabilities</c>, <c>score</c>.</summary>
public static class AnswerWriter
{
    // The shortest text that reads back as the same double has at most 24 characters.
    private const int NumberLength = 32;

    private static readonly JsonEncodedText Prediction = JsonEncodedText.Encode("prediction");
    private static readonly JsonEncodedText Probability = JsonEncodedText.Encode("probability");
    private static readonly JsonEncodedText Probabilities = JsonEncodedText.Encode("probabilities");
    private static readonly JsonEncodedText Score = JsonEncodedText.Encode("score");

    public static void Write(Utf8JsonWriter json, AnswerShape shape, ReadOnlySpan<double> outputs)
    {
        // The score is one of the numbers before it: its text is made once.
        Span<byte> buffer = stackalloc byte[NumberLength];
        var score = Text(shape.Score(outputs), buffer);
        switch (shape.Task)
        {
            case TaskKind.Binary:
                json.WriteBoolean(Prediction, shape.IsTrue(outputs));
                Raw(json, Probability, score);
                break;
            case TaskKind.Multiclass:
                json.WriteString(Prediction, shape.EncodedClasses[shape.Best(outputs)]);
                Raw(json, Probability, score);
                json.WriteStartObject(Probabilities);
                for (var i = 0; i < outputs.Length; i++) json.WriteNumber(shape.EncodedClasses[i], outputs[i]);
                json.WriteEndObject();
                break;
            default:
                Raw(json, Prediction, score);
                break;
        }

        Raw(json, Score, score);
    }

    private static void Raw(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> number)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(number, skipInputValidation: true);
    }

    private static ReadOnlySpan<byte> Text(double value, Span<byte> buffer) =>
        double.IsFinite(value) && value.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture) ? buffer[..length]
            : throw new ArgumentException($"{value} is no number of JSON", nameof(value));
}
