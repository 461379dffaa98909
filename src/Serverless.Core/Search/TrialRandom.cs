namespace Serverless.Search;

/// <summary>Random numbers of one trial.</summary>
internal static class TrialRandom
{
    /// <summary>Neighbouring seeds and trials get unrelated streams. SplitMix64's finalizer (G. Steele, D. Lea, C. Flood, OOPSLA 2014).</summary>
    public static Random Of(int seed, int trial)
    {
        var z = unchecked(((ulong)(uint)seed << 32 | (uint)trial) + 0x9E3779B97F4A7C15UL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return new Random((int)((z ^ (z >> 31)) & int.MaxValue));
    }
}
