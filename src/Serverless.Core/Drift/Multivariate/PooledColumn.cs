namespace Serverless.Drift.Multivariate;

/// <summary>One column of reference and current rows, the reference's first. Everything that is learned from it is learned from both together, so that swapping rows changes nothing.</summary>
internal abstract record PooledColumn(string Name)
{
    public abstract int Rows { get; }
}

/// <param name="Values">NaN where missing.</param>
/// <param name="Period">The length of a circle on which the values lie (hours of a day), or null.</param>
internal sealed record PooledNumbers(string Name, double[] Values, double? Period = null) : PooledColumn(Name)
{
    public override int Rows => Values.Length;
}

/// <param name="Codes">Index into <paramref name="Labels"/>, -1 where missing.</param>
internal sealed record PooledCategories(string Name, int[] Codes, IReadOnlyList<string> Labels) : PooledColumn(Name)
{
    public override int Rows => Codes.Length;
}
