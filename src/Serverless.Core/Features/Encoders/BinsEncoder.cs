using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>
/// A number as the interval in which it lies, a category: bin i holds edge i-1 &lt;= x &lt; edge i (numpy's digitize), the first bin all below, the last all from the last edge on. Edges are
/// given, or the quantiles of the training rows; of equal quantiles one is kept, and those at the smallest value fall away, for nothing lies below them.
/// </summary>
internal sealed class BinsEncoder : IFeatureEncoder
{
    private const int DefaultBins = 10;

    public string Name => "bins";

    public IReadOnlyList<EncoderSetting> Settings { get; } = [EncoderSetting.Whole("bins", 2, 1000), EncoderSetting.Ascending("edges")];

    public IReadOnlyList<MissingHandling> Missing { get; } = [MissingHandling.Auto, MissingHandling.Keep, MissingHandling.Category];

    public IEnumerable<(string Message, Parameter? At)> Validate(FeatureDefinition feature, ValueReader reader)
    {
        if (reader.Kind != ValueKind.Number) yield return ($"'{feature.From.Text}' gives {FeatureCompiler.Word(reader.Kind)}; bins are of numbers", null);
        if (feature.Has("bins") && feature.Has("edges")) yield return ("either 'edges' or 'bins', not both: 'edges' says where the bins end, 'bins' how many there are of equal size", feature.Settings["bins"]);
    }

    public FeatureFitter NewFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) => new Fitter(feature, reader, traits);

    public IReadOnlyList<FeatureSlot> Slots(FittedFeature feature) => [new FeatureSlot(feature.Name, feature.Edges!.Count + 1 + (feature.MissingCategory ? 1 : 0), feature.OneHot)];

    public FeatureWriter Compile(FittedFeature feature, ValueReader reader) => new Writer(reader, [.. feature.Edges!], feature.MissingCategory ? feature.Edges!.Count + 1 : float.NaN);

    private sealed class Writer(ValueReader reader, double[] edges, float missing) : FeatureWriter
    {
        public override bool Write(RawRow row, Span<float> slots)
        {
            var number = reader.Number(row);
            var present = float.IsFinite((float)number);
            slots[0] = present ? Bin(edges, number) : missing;
            return present;
        }
    }

    /// <summary>Number of edges that are at most x.</summary>
    internal static int Bin(ReadOnlySpan<double> edges, double x)
    {
        var (low, high) = (0, edges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (edges[middle] <= x) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private sealed class Fitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : FeatureFitter(feature, reader, traits)
    {
        private readonly List<double> values = [];
        private bool any;

        public override FeatureFitter New() => new Fitter(Feature, Reader, Traits);

        public override void Add(RawRow row)
        {
            var value = Reader.Number(row);
            if (!float.IsFinite((float)value)) return;
            any = true;
            if (!Feature.Has("edges")) values.Add(value);
        }

        public override void Merge(FeatureFitter later)
        {
            any |= ((Fitter)later).any;
            values.AddRange(((Fitter)later).values);
        }

        public override FittedFeature Finish(ModelDefinition model) => !any ? throw NoValue(model) : State("bins") with
        {
            Edges = Feature.Has("edges") ? [.. Feature.Texts("edges").Select(e => double.Parse(e, CultureInfo.InvariantCulture))] : Edges(Feature.Whole("bins", DefaultBins)),
            OneHot = !Traits.NativeCategories,
            MissingCategory = Feature.Missing == MissingHandling.Category,
        };

        private double[] Edges(int bins)
        {
            var sorted = values.ToArray();
            Array.Sort(sorted);
            return [.. Enumerable.Range(1, bins - 1).Select(i => Quantiles.OfSorted(sorted, (double)i / bins)).Where(e => e > sorted[0]).Distinct()];
        }
    }
}
