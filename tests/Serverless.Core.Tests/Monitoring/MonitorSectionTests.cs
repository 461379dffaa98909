using Microsoft.Extensions.DependencyInjection;
using Serverless.Core.Tests.Workspaces;
using Serverless.Drift;
using Serverless.Monitoring;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Monitoring;

public sealed class MonitorSectionTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_Section_IsReadWhole()
    {
        var monitor = With("monitor: { every: 1d, window: 7d, method: ks, threshold: 0.01, correction: bh, share: 0.3, columns: [delay, origin] }").Model("flight-delay").Monitor!;
        (monitor.Every, monitor.Window).ShouldBe((TimeSpan.FromDays(1), TimeSpan.FromDays(7)));
        monitor.Settings().ShouldBe(new DriftSettings { Method = "ks", Threshold = 0.01, Correction = PValueCorrection.Bh, Share = 0.3, Columns = monitor.Columns!.Items });
        monitor.Columns.Items.ShouldBe(["delay", "origin"]);
    }

    [Theory]
    [InlineData("monitor: { evry: 1d }", "unknown key 'evry' in monitor. Did you mean 'every'?")]
    [InlineData("monitor: { method: kss }", "there is no drift method 'kss'. Did you mean 'ks'?")]
    [InlineData("monitor: { columns: [dely] }", "monitor: dataset 'flights' has no column 'dely'. Did you mean 'delay'?")]
    [InlineData("monitor: { columns: [] }", "'columns' must name a column at least")]
    [InlineData("monitor: { share: 1.5 }", "'share' must be between 0 and 1, not 1.5.")]
    [InlineData("monitor: { share: 0 }", "'share' must be above 0")]
    [InlineData("monitor: { every: daily }", "'every' must be a duration such as 30d")]
    [InlineData("monitor: { correction: holm }", "'correction' cannot be 'holm'.")]
    [InlineData("monitor: { method: ks, threshold: 2 }", "monitor: the threshold of 'ks' is a p-value between 0 and 1.")]
    [InlineData("monitor: daily", "'monitor' must be a mapping, such as '{ every: 1d, window: 7d, method: auto }'.")]
    public void Load_WrongSection_NamesFileLineAndWhatIsAllowed(string section, string message)
    {
        var error = Should.Throw<ConfigurationException>(() => With(section)).Message;
        error.ShouldContain(message);
        error.ShouldContain("models/flight-delay.yaml(18,");
    }

    private Workspace With(string section)
    {
        var path = Path.Combine(folder.Root, "models/flight-delay.yaml");
        var lines = File.ReadAllLines(path).Where(l => l.Trim().Length > 0).ToList();
        lines.Count.ShouldBe(17);
        File.WriteAllLines(path, [.. lines, section]);
        using var services = new ServiceCollection().AddDrift().BuildServiceProvider();
        return WorkspaceLoader.Load(folder.Root, [new MonitorValidator(services.GetRequiredService<IDriftCatalogue>())]);
    }
}
