namespace Serverless.Drift.Shape;

internal enum FitKind { Constant, Step, Ramp, Excursion, Period }

/// <summary>A function fitted to a series by least squares.</summary>
/// <param name="Parameters">Fitted figures, places included.</param>
/// <param name="Squares">Sum of the squared residuals.</param>
/// <param name="From">Step, excursion: its first value. Ramp: the last value before it. Period: its length.</param>
/// <param name="To">Ramp: the first value after it. Excursion: likewise.</param>
internal sealed record ShapeFit(FitKind Kind, int Parameters, double Squares, int From, int To, double Before, double After, Func<int, double> Value)
{
    public double Evidence { get; set; }

    public double[] Residuals(double[] y) => [.. y.Select((v, t) => v - Value(t))];
}
