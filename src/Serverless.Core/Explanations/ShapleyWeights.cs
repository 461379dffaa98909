namespace Serverless.Explanations;

/// <summary>
/// The Shapley values of the game that pays 1 when all of <c>a</c> players are in and all of <c>b</c> others are out: (a-1)! b! / (a+b)! for each of the first,
/// minus a! (b-1)! / (a+b)! for each of the second (Lundberg et al., Nature Machine Intelligence 2, 2020, supplement on interventional TreeSHAP).
/// </summary>
internal sealed class ShapleyWeights
{
    private readonly int width;
    private readonly double[] inside;
    private readonly double[] outside;

    public ShapleyWeights(int players)
    {
        width = players + 1;
        inside = new double[width * width];
        outside = new double[width * width];
        for (var a = 0; a < width; a++)
        {
            for (var b = 0; b < width; b++)
            {
                if (a > 0) inside[a * width + b] = Inverse(a + b, a) / a;
                if (b > 0) outside[a * width + b] = Inverse(a + b, a) / b;
            }
        }
    }

    /// <summary>For each player that has to be in.</summary>
    public double Inside(int a, int b) => inside[a * width + b];

    /// <summary>For each player that has to be out; to be taken away.</summary>
    public double Outside(int a, int b) => outside[a * width + b];

    // 1 / (n choose k), as a product: factorials leave the range of a double at 171.
    private static double Inverse(int n, int k)
    {
        var value = 1.0;
        for (var i = 1; i <= k; i++) value *= (double)i / (n - k + i);
        return value;
    }
}
