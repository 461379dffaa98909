namespace Serverless.Drift.Upstream;

/// <summary>current = factor x reference + offset, and what that usually means.</summary>
internal sealed record UnitChange(double Factor, double Offset, string? Meaning)
{
    public double Apply(double value) => (Factor * value) + Offset;

    public double Undo(double value) => (value - Offset) / Factor;
}

/// <summary>Conversions that people forget to announce, the commoner ones first. Factors by definition (international yard and pound, 1959; SI).</summary>
internal static class KnownUnits
{
    public static IReadOnlyList<UnitChange> All { get; } =
    [
        .. Both(1.609344, "miles", "kilometres"), .. Both(60, "minutes", "seconds", "or hours to minutes"),
        .. Both(1000, "thousands", "ones", "kilometres to metres, seconds to milliseconds"), .. Both(100, "fractions", "per cent", "euros to cents, metres to centimetres"),
        new(1.8, 32, "degrees Celsius to Fahrenheit?"), new(5.0 / 9, -160.0 / 9, "degrees Fahrenheit to Celsius?"),
        new(1, 273.15, "degrees Celsius to kelvin?"), new(1, -273.15, "kelvin to degrees Celsius?"), new(-1, 0, "the sign turned round?"),
        .. Both(0.3048, "feet", "metres"), .. Both(2.54, "inches", "centimetres"), .. Both(0.45359237, "pounds", "kilograms"), .. Both(3600, "hours", "seconds"),
        .. Both(24, "days", "hours"), .. Both(10, "tens", "ones", "centimetres to millimetres"), .. Both(1e6, "millions", "ones"), .. Both(3.6, "metres per second", "kilometres per hour"),
        .. Both(7, "weeks", "days"), .. Both(1.852, "nautical miles", "kilometres"), .. Both(25.4, "inches", "millimetres"), .. Both(0.9144, "yards", "metres"),
        .. Both(1609.344, "miles", "metres"), .. Both(28.349523125, "ounces", "grams"), .. Both(3.785411784, "US gallons", "litres"),
        .. Both(1.943844492440605, "metres per second", "knots"), .. Both(4.184, "calories", "joules"), .. Both(0.017453292519943295, "degrees", "radians"),
    ];

    private static IEnumerable<UnitChange> Both(double factor, string from, string to, string? also = null) =>
    [
        new(factor, 0, $"{from} to {to}{(also is null ? "" : $", {also}")}?"),
        new(1 / factor, 0, $"{to} to {from}?"),
    ];
}
