using System.Collections.Concurrent;

namespace Serverless.Rollouts;

/// <summary>What was said last, so that the same is not said at every look.</summary>
internal sealed class Said<TKey> where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, bool> last = new();

    /// <summary>True when it was not said before, or was said otherwise. Remembers it.</summary>
    public bool Changes(TKey key, bool bad)
    {
        if (last.TryGetValue(key, out var before) && before == bad) return false;
        last[key] = bad;
        return true;
    }
}
