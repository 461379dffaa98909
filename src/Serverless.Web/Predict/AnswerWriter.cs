using System.Text.Json;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>The part of an answer that depends on the task: <c>prediction</c>, <c>probability</c> or <c>probabilities</c>, <c>score</c>.</summary>
public static class AnswerWriter
{
    public static void Write(Utf8JsonWriter json, AnswerShape shape, ReadOnlySpan<double> outputs)
    {
        switch (shape.Task)
        {
            case TaskKind.Binary:
                json.WriteBoolean("prediction"u8, shape.IsTrue(outputs));
                json.WriteNumber("probability"u8, outputs[0]);
                break;
            case TaskKind.Multiclass:
                var best = shape.Best(outputs);
                json.WriteString("prediction"u8, shape.EncodedClasses[best]);
                json.WriteNumber("probability"u8, outputs[best]);
                json.WriteStartObject("probabilities"u8);
                for (var i = 0; i < outputs.Length; i++) json.WriteNumber(shape.EncodedClasses[i], outputs[i]);
                json.WriteEndObject();
                break;
            default:
                json.WriteNumber("prediction"u8, outputs[0]);
                break;
        }

        json.WriteNumber("score"u8, shape.Score(outputs));
    }
}
