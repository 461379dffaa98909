using System.Collections.Frozen;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>The encoders by name. A new one is a file beside its test, a line here, and its settings in <c>WorkspaceKeys</c>.</summary>
internal static class FeatureEncoders
{
    /// <summary>Ending of the slot that says whether a value is missing.</summary>
    public const string IndicatorSuffix = ".missing";

    private static readonly IFeatureEncoder Number = new NumberEncoder();
    private static readonly IFeatureEncoder Category = new CategoryEncoder();

    private static readonly FrozenDictionary<string, IFeatureEncoder> ByName =
        new[] { Number, Category, new HashEncoder(), new BinsEncoder(), new CyclicEncoder(), new TextEncoder() }.ToFrozenDictionary(e => e.Name, StringComparer.Ordinal);

    /// <summary>Every key that some encoder knows.</summary>
    public static IReadOnlyList<string> SettingNames { get; } = [.. ByName.Values.SelectMany(e => e.Settings).Select(s => s.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Names of the encoders that know a key.</summary>
    public static IEnumerable<string> With(string setting) => ByName.Values.Where(e => e.Settings.Any(s => s.Name == setting)).Select(e => e.Name).Order(StringComparer.Ordinal);

    public static IFeatureEncoder Of(FeatureEncoding encode, ValueKind kind) => encode switch
    {
        FeatureEncoding.Auto => kind == ValueKind.Text ? Category : Number,
        FeatureEncoding.OneHot => Category,
        _ => ByName[encode.ToString().ToLowerInvariant()],
    };

    /// <exception cref="DataException">A newer version of the program wrote it.</exception>
    public static IFeatureEncoder Of(FittedFeature feature) =>
        feature.Encode is not { } name ? feature.Categories is null ? Number : Category
        : ByName.TryGetValue(name, out var encoder) ? encoder
        : throw new DataException($"the model's feature '{feature.Name}' is encoded by '{name}', which this program does not know; update it");

    /// <summary>All slots of a fitted feature, in their order.</summary>
    public static IReadOnlyList<FeatureSlot> Slots(FittedFeature feature)
    {
        var slots = Of(feature).Slots(feature);
        return feature.Indicator ? [.. slots, new FeatureSlot(feature.Name + IndicatorSuffix, 0, false) { Feature = feature.Name }] : slots;
    }
}
