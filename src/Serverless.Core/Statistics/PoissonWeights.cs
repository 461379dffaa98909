namespace Serverless.Statistics;

/// <summary>
/// How often each row occurs in a bootstrap replicate, drawn from Poisson(1) for each row by itself: in one pass, in any order of threads, the same for a seed. Sources:
/// N. Oza, S. Russell, "Online bagging and boosting" (2001); N. Chamandy and others, "Estimating uncertainty for massive data streams" (Google, 2012). Random bits:
/// SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014).
/// </summary>
internal static class PoissonWeights
{
    // Draws by 16 bits: probabilities are right to 8e-6.
    private static readonly byte[] Table = Make();

    /// <summary>Fills weights of one replicate.</summary>
    public static void Fill(Span<byte> weights, int seed, int replicate)
    {
        var state = Mix(((ulong)(uint)seed << 32) | (uint)replicate);
        var i = 0;
        for (; i + 4 <= weights.Length; i += 4)
        {
            var bits = Mix(state += 0x9E3779B97F4A7C15);
            weights[i] = Table[(ushort)bits];
            weights[i + 1] = Table[(ushort)(bits >> 16)];
            weights[i + 2] = Table[(ushort)(bits >> 32)];
            weights[i + 3] = Table[(ushort)(bits >> 48)];
        }

        for (; i < weights.Length; i++) weights[i] = Table[(ushort)Mix(state += 0x9E3779B97F4A7C15)];
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static byte[] Make()
    {
        var table = new byte[65_536];
        double probability = Math.Exp(-1), cumulative = probability;
        byte count = 0;
        for (var i = 0; i < table.Length; i++)
        {
            while ((i + 0.5) / table.Length > cumulative && count < 16) cumulative += probability /= ++count;
            table[i] = count;
        }

        return table;
    }
}
