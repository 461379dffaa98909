using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Alerts;
using Serverless.Core.Tests.Workspaces;
using Serverless.Testing;

namespace Serverless.Core.Tests.Alerts;

/// <summary>docs/alerts.md says what the code does.</summary>
public sealed partial class AlertsDocumentTests
{
    private static readonly string Document = Repository.Read("docs/alerts.md");

    [Fact]
    public void Channels_InTheTable_AreThoseOfTheProgramWithTheirKeys()
    {
        using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddAlerts().BuildServiceProvider();
        var documented = Rows().Matches(Document).ToDictionary(r => r.Groups[1].Value, r => r.Groups[2].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        var known = services.GetServices<IAlertChannel>().ToDictionary(c => c.Kind, c => c.Keys.Select(k => k.Required ? $"**`{k.Name}`**" : $"`{k.Name}`").ToArray());
        documented.Keys.Order().ShouldBe(known.Keys.Order());
        foreach (var (kind, keys) in documented) keys.ShouldBe(known[kind], kind);
    }

    [Fact]
    public void Example_InAWorkspace_HasNoProblems()
    {
        using var folder = new WorkspaceFolder();
        folder.Write("serverless.yaml", "name: airline\n" + Example().Match(Document).Groups[1].Value);
        folder.Load().Alerts.Rules.Select(r => r.Name).ShouldBe(["empty-delays", "nights", "noise", "rest"]);
    }

    // The figures that the page promises
    [Fact]
    public void Defaults_AreAsWritten()
    {
        var options = new AlertOptions();
        (options.MaxAttempts, options.RetryFirst, options.RetryLongest, options.FinishWithin, AlertOptions.Gather).ShouldBe(
            (14, TimeSpan.FromSeconds(30), TimeSpan.FromHours(6), TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5)));
        var longest = Enumerable.Range(0, options.MaxAttempts - 1).Select(i => Math.Min(options.RetryFirst.TotalHours * Math.Pow(2, i), options.RetryLongest.TotalHours)).Sum();
        longest.ShouldBeInRange(24, 48);
    }

    [GeneratedRegex(@"^\| `([a-z]+)` \| ([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"```yaml\n(alerts:.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
