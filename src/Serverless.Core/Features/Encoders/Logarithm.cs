using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Features;

/// <summary>The logarithms of <c>log:</c>, defined at 0.</summary>
internal static class Logarithm
{
    /// <summary>NaN where it is not defined: a negative number has no natural one.</summary>
    public static double Of(LogScale log, double x) => log switch
    {
        LogScale.Natural => x >= 0 ? Log1P(x) : double.NaN,
        LogScale.Signed => x < 0 ? -Log1P(-x) : Log1P(x),
        _ => x,
    };

    /// <summary>ln(1 + x) for x from 0, exact to the last places also where x is tiny (Goldberg 1991, theorem 4).</summary>
    internal static double Log1P(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * x / (u - 1);
    }

    public static string? Name(LogScale log) => log == LogScale.None ? null : log.ToString().ToLowerInvariant();

    /// <exception cref="DataException">A newer version of the program wrote it.</exception>
    public static LogScale Parse(string? name) => name switch
    {
        null => LogScale.None,
        "natural" => LogScale.Natural,
        "signed" => LogScale.Signed,
        _ => throw new DataException($"the model has a logarithm '{name}', which this program does not know; update it"),
    };
}
