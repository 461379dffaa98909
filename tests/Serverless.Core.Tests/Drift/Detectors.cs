using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Drift;

namespace Serverless.Core.Tests.Drift;

/// <summary>The detector as hosts get it.</summary>
internal static class Detectors
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddDrift().BuildServiceProvider();

    public static IDriftDetector Detector => Services.GetRequiredService<IDriftDetector>();

    public static IDriftCatalogue Catalogue => Services.GetRequiredService<IDriftCatalogue>();

    public static DriftReport Compare(Table reference, Table current, DriftSettings? settings = null) => Detector.Compare(reference, current, settings ?? new());

    /// <summary>One column against another by one method.</summary>
    public static DriftColumn Column(TableColumn reference, TableColumn current, string method = "auto", PValueMode mode = PValueMode.Auto) =>
        Compare(Samples.Table(reference), Samples.Table(current), new DriftSettings { Method = method, PValues = mode, Share = 1 }).Columns.Single();

    public static DriftColumn Numbers(double[] reference, double[] current, string method = "auto", PValueMode mode = PValueMode.Auto) =>
        Column(Samples.Numbers("x", reference), Samples.Numbers("x", current), method, mode);
}
