using System.Globalization;

namespace Serverless.Gating;

/// <summary>Figures as the gate's reasons write them.</summary>
internal static class GateText
{
    public static string F(double value) => value.ToString(Math.Abs(value) < 1e-3 && value != 0 ? "0.####E+0" : "0.####", CultureInfo.InvariantCulture);

    public static string Rows(long rows) => rows == 1 ? "1 row" : string.Create(CultureInfo.InvariantCulture, $"{rows} rows");
}
