namespace Serverless.Feedback;

/// <summary>
/// Which prediction a label by business key is about: the newest of that key that was made before the label's time (clocks may differ by some minutes); where there is none, the first one after it. Older
/// predictions of the key get nothing: a label is about one prediction.
/// </summary>
internal sealed class KeyLookup(TimeSpan skew)
{
    private readonly Dictionary<string, List<FeedbackEvent>> wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Id, DateTimeOffset Time)> before = new(StringComparer.Ordinal), after = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public void Want(FeedbackEvent one)
    {
        if (!wanted.TryGetValue(one.Key!, out var some)) wanted[one.Key!] = some = [];
        some.Add(one);
        Count++;
    }

    /// <summary>The newest time that a label speaks of, clocks allowed for.</summary>
    public DateTimeOffset Newest => wanted.Values.SelectMany(e => e).Max(At);

    public DateTimeOffset Oldest => wanted.Values.SelectMany(e => e).Min(At);

    /// <summary>Whether every label found a prediction before it, so that older hours need not be read.</summary>
    public bool Settled => before.Count == Count;

    public bool Wants(string? key) => key is not null && wanted.ContainsKey(key);

    public void Offer(string key, string id, DateTimeOffset time)
    {
        foreach (var one in wanted[key])
        {
            if (time <= At(one))
            {
                if (!before.TryGetValue(one.Id, out var found) || time > found.Time || (time == found.Time && string.CompareOrdinal(id, found.Id) > 0)) before[one.Id] = (id, time);
            }
            else if (!after.TryGetValue(one.Id, out var found) || time < found.Time || (time == found.Time && string.CompareOrdinal(id, found.Id) < 0)) after[one.Id] = (id, time);
        }
    }

    /// <summary>The prediction of each label, with its hour; null where none is known.</summary>
    public IEnumerable<(FeedbackEvent Event, string? Id, DateTimeOffset Time)> Answers() => wanted.Values.SelectMany(e => e)
        .Select(e => before.TryGetValue(e.Id, out var b) ? (e, (string?)b.Id, b.Time) : after.TryGetValue(e.Id, out var a) ? (e, a.Id, a.Time) : (e, null, default));

    private DateTimeOffset At(FeedbackEvent one) => (one.Time ?? one.Received) + skew;
}
