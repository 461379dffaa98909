using System.Text.Json;

namespace Serverless.Scoring;

/// <summary>What the rows of a request will look up, found before they are read, so that it can be waited for without a thread.</summary>
internal static class LookupKeys
{
    /// <param name="body">As <see cref="RequestReader.Read"/> takes it. What is wrong with it is not this one's to say.</param>
    public static (HashSet<(string Source, string Key)> Wanted, HashSet<string> Addresses) Find(ReadOnlySpan<byte> body, ServedModel model, int most)
    {
        var wanted = new HashSet<(string, string)>();
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        var scratch = model.Rent();
        try
        {
            var json = new Utf8JsonReader(body);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return (wanted, addresses);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var rows = json.ValueTextEquals("rows"u8);
                json.Read();
                if (!rows || json.TokenType != JsonTokenType.StartArray)
                {
                    json.Skip();
                    continue;
                }

                for (var row = 0; row < most && json.Read() && json.TokenType == JsonTokenType.StartObject; row++) Row(ref json, model, scratch, wanted, addresses);
                return (wanted, addresses);
            }
        }
        catch (JsonException)
        {
            return (wanted, addresses); // the reader of the rows says what is wrong, and where
        }
        finally
        {
            model.Return(scratch);
        }

        return (wanted, addresses);
    }

    private static void Row(ref Utf8JsonReader json, ServedModel model, Scratch scratch, HashSet<(string, string)> wanted, HashSet<string> addresses)
    {
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
    }
}
