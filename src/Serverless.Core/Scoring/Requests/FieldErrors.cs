namespace Serverless.Scoring;

/// <summary>What is wrong with a request, by field (<c>rows[3].distance</c>), in the order in which it was found.</summary>
public sealed class FieldErrors(int max)
{
    private readonly List<KeyValuePair<string, List<string>>> fields = [];

    /// <summary>Errors found, listed or not.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<KeyValuePair<string, List<string>>> Fields => fields;

    public void Add(string field, string message)
    {
        if (++Count > max) return;
        foreach (var (name, messages) in fields)
        {
            if (name != field) continue;
            messages.Add(message);
            return;
        }

        fields.Add(new(field, [message]));
    }
}
