using System.Text.Json;

namespace Serverless.Scoring;

/// <summary>What the rows of a request will look up, found before they are read, so that it can be waited for without a thread.</summary>
internal static class LookupKeys
{
    /// <param name="body">As <see cref="RequestReader.Read"/> takes it. What is wrong with it is not this one's to say.</param>
    /// <returns>For the version that answers some of the rows, one of each segment where the model has segments: the values of tables, and the addresses of its source.</returns>
    public static Dictionary<ServedModel, (HashSet<(string Source, string Key)> Wanted, HashSet<string> Addresses)> Find(ReadOnlySpan<byte> body, ServedModel model, int most)
    {
        var found = new Dictionary<ServedModel, (HashSet<(string, string)>, HashSet<string>)>();
        try
        {
            var json = new Utf8JsonReader(body);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return found;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var rows = json.ValueTextEquals("rows"u8);
                json.Read();
                if (!rows || json.TokenType != JsonTokenType.StartArray)
                {
                    json.Skip();
                    continue;
                }

                for (var row = 0; row < most && json.Read() && json.TokenType == JsonTokenType.StartObject; row++)
                {
                    var by = model.Segments?.Choose(json, model) ?? model;
                    if (!found.TryGetValue(by, out var its)) found[by] = its = ([], new HashSet<string>(StringComparer.Ordinal));
                    Row(ref json, by, its.Item1, its.Item2);
                }

                return found;
            }
        }
        catch (JsonException)
        {
            return found; // the reader of the rows says what is wrong, and where
        }

        return found;
    }

    private static void Row(ref Utf8JsonReader json, ServedModel model, HashSet<(string, string)> wanted, HashSet<string> addresses)
    {
        var scratch = model.Rent();
        scratch.Begin();
        for (var guess = 0; json.Read() && json.TokenType == JsonTokenType.PropertyName;)
        {
            var slot = JsonWords.Garbled(ref json) ? InputTable.Unknown : model.Inputs.Find(ref json, guess);
            json.Read();
            if (slot < 0)
            {
                json.Skip();
                continue;
            }

            guess = slot + 1;
            scratch.Seen[slot] = true;
            if (JsonValues.Read(ref json, model.Inputs.Columns[slot], slot, scratch.Row) is not null) json.Skip();
        }

        model.Want(scratch, wanted, addresses);
        model.Return(scratch);
    }
}
