using System.Text.Json;
using Serverless.Scoring;

namespace Serverless.Rollouts;

/// <summary>
/// Looks for <c>"subject"</c> (and <c>"groups"</c>) at the top of a request's body before its rows are read: who answers has to be known first. What is wrong with the field is said by whoever
/// reads the whole request; here it only counts as absent.
/// </summary>
public static class SubjectField
{
    public static (string? Subject, IReadOnlyList<string>? Groups) Find(ReadOnlySpan<byte> body, bool groups)
    {
        // Most requests without a subject end here; a column of that name costs a second look.
        if (body.IndexOf("\"subject\""u8) < 0 && !groups) return default;
        string? subject = null;
        List<string>? member = null;
        try
        {
            var json = new Utf8JsonReader(body);
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject) return default;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("subject"u8))
                {
                    json.Read();
                    if (json.TokenType == JsonTokenType.String) subject = JsonWords.Text(ref json);
                    else json.Skip();
                    if (!groups) return (Valid(subject), null);
                }
                else if (groups && json.ValueTextEquals("groups"u8))
                {
                    json.Read();
                    member = Texts(ref json);
                }
                else
                {
                    json.Read();
                    json.Skip();
                }
            }
        }
        catch (JsonException)
        {
            return default;
        }

        return (Valid(subject), member);
    }

    private static string? Valid(string? subject) => subject is { Length: > 0 } ? subject : null;

    private static List<string>? Texts(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return null;
        }

        var texts = new List<string>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String && JsonWords.Text(ref json) is { } text) texts.Add(text);
            else json.Skip();
        }

        return texts;
    }
}
