using System.Text.Json;

namespace Serverless.Explanations;

/// <summary>An explanation as JSON: the same over HTTP and on the command line.</summary>
public static class ExplanationWriter
{
    /// <summary>The fields of an explanation, into an object that the caller has begun.</summary>
    public static void WriteFields(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteString("method", explanation.Method);
        json.WriteBoolean("exact", explanation.Exact);
        json.WriteString("scale", Word(explanation.Scale));
        if (explanation.Class is { } name) json.WriteString("class", name);
        json.WriteNumber("baseline", explanation.Baseline);
        json.WriteNumber("score", explanation.Score);
        if (explanation.Scale != ScoreScale.Value)
        {
            json.WriteNumber("baselineProbability", explanation.BaselineAnswer);
            json.WriteNumber("probability", explanation.Answer);
        }

        json.WriteStartArray("contributions");
        foreach (var contribution in explanation.Contributions) Write(json, contribution);
        json.WriteEndArray();
        if (explanation.Fidelity is { } fidelity) json.WriteNumber("fidelity", fidelity);
        json.WriteString("sentence", explanation.Sentence);
        json.WriteString("language", explanation.Language);
    }

    public static string Word(ScoreScale scale) => JsonNamingPolicy.KebabCaseLower.ConvertName(scale.ToString());

    private static void Write(Utf8JsonWriter json, Contribution contribution)
    {
        json.WriteStartObject();
        json.WriteString("feature", contribution.Feature);
        Value(json, contribution.Value);
        json.WriteNumber("contribution", contribution.Amount);
        if (contribution.StandardError is { } error) json.WriteNumber("standardError", error);
        if (contribution.Parts.Count > 0)
        {
            json.WriteStartArray("parts");
            foreach (var part in contribution.Parts)
            {
                json.WriteStartObject();
                json.WriteString("feature", part.Feature);
                Value(json, part.Value);
                if (part.Amount is { } amount) json.WriteNumber("contribution", amount);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, object? value)
    {
        json.WritePropertyName("value");
        switch (value)
        {
            case long integer: json.WriteNumberValue(integer); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case DateTime time: json.WriteStringValue(time); break;
            case string text: json.WriteStringValue(text); break;
            default: json.WriteNullValue(); break;
        }
    }
}
