namespace Serverless.Features;

/// <summary>
/// A function of one's own for expressions: <c>speed: miles_per_hour(distance, minutes)</c>. It must be pure: the same arguments give the same result, today and in every later
/// prediction. What it computes may change only together with <see cref="Version"/>; a model keeps using the version that it was trained with.
/// </summary>
public interface IFeatureFunction
{
    /// <summary>As expressions call it: letters, digits and _, beginning with a letter.</summary>
    string Name { get; }

    /// <summary>From 1. Several versions of a name may be there at once: new trainings use the highest.</summary>
    int Version => 1;

    /// <summary>
    /// Parameters and result are of <see cref="long"/>, <see cref="int"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="string"/> or <see cref="DateTime"/>. It is not called while a
    /// column among its arguments is missing. <see cref="double.NaN"/> and a null text mean "missing", and so do the exceptions of arithmetic and of wrong arguments.
    /// </summary>
    Delegate Function { get; }
}
