using System.Globalization;

namespace Serverless.Statistics;

/// <summary>Where a figure lies with a stated confidence.</summary>
/// <param name="Lower">Lower end; never above <paramref name="Upper"/>.</param>
/// <param name="Upper">Upper end.</param>
/// <param name="Confidence">Of both sides together, such as 0.95.</param>
/// <param name="Method">How it was computed: <c>delong</c>, <c>paired-t</c>, <c>bootstrap</c>, <c>wilson</c>, <c>newcombe</c>, <c>welch</c>.</param>
public sealed record Interval(double Lower, double Upper, double Confidence, string Method)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Confidence * 100:0.##} % interval {Lower:0.####} to {Upper:0.####}");
}
