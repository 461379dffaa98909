using Serverless.Features;

namespace Freight;

/// <summary>Distance between two places along the surface of the earth, in statute miles (haversine formula, mean radius 3958.7613 miles).</summary>
public sealed class GreatCircle : IFeatureFunction
{
    private const double Radius = 3958.7613;

    public string Name => "great_circle";

    public int Version => 1;

    /// <summary>Degrees in, miles out. A latitude beyond the poles is missing.</summary>
    public Delegate Function => static (double fromLatitude, double fromLongitude, double toLatitude, double toLongitude) =>
    {
        if (Math.Abs(fromLatitude) > 90 || Math.Abs(toLatitude) > 90) return double.NaN;
        var (a, b) = (double.DegreesToRadians(fromLatitude), double.DegreesToRadians(toLatitude));
        var (north, east) = (Math.Sin((b - a) / 2), Math.Sin(double.DegreesToRadians(toLongitude - fromLongitude) / 2));
        return 2 * Radius * Math.Asin(Math.Min(1, Math.Sqrt(north * north + Math.Cos(a) * Math.Cos(b) * east * east)));
    };
}
