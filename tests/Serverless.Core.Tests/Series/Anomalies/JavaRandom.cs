namespace Serverless.Core.Tests.Series.Anomalies;

/// <summary>java.util.Random as its documentation specifies it (Knuth's linear congruential generator, Marsaglia's polar method), because Deequ's tests draw from it.</summary>
internal sealed class JavaRandom(long seed)
{
    private long state = (seed ^ 0x5DEECE66DL) & ((1L << 48) - 1);
    private double? spare;

    public double NextDouble() => (((long)Next(26) << 27) + Next(27)) * (1.0 / (1L << 53));

    public double NextGaussian()
    {
        if (spare is { } kept)
        {
            spare = null;
            return kept;
        }

        while (true)
        {
            double a = (2 * NextDouble()) - 1, b = (2 * NextDouble()) - 1;
            var s = (a * a) + (b * b);
            if (s is >= 1 or 0) continue;
            var scale = Math.Sqrt(-2 * Math.Log(s) / s);
            spare = b * scale;
            return a * scale;
        }
    }

    private int Next(int bits)
    {
        state = ((state * 0x5DEECE66DL) + 0xBL) & ((1L << 48) - 1);
        return (int)(state >> (48 - bits));
    }
}
