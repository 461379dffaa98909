using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;

namespace Serverless.Core.Tests.Checks;

/// <summary>docs/checks.md says of every check what the catalogue says.</summary>
public sealed class ChecksPageTests
{
    [Fact]
    public void Page_NamesEveryCheckWithItsParameters()
    {
        var checks = new ServiceCollection().AddChecks().BuildServiceProvider().GetServices<ICheck>().ToDictionary(c => c.Name);
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln"))) folder = folder.Parent!;
        var rows = Regex.Matches(File.ReadAllText(Path.Combine(folder.FullName, "docs", "checks.md")), @"^\| `([a-z-]+)` \|([^|]*)\|([^|]*)\|", RegexOptions.Multiline)
            .ToDictionary(m => m.Groups[1].Value, m => (About: m.Groups[2].Value.Trim(), Parameters: m.Groups[3].Value));

        rows.Keys.Order().ShouldBe(checks.Keys.Order());
        foreach (var (name, check) in checks)
        {
            foreach (var parameter in check.Parameters)
            {
                rows[name].Parameters.ShouldContain($"`{parameter.Name}`", customMessage: name);
                foreach (var option in parameter.Options ?? []) rows[name].Parameters.ShouldContain($"`{option}`", customMessage: name);
            }

            var about = check.Target switch { CheckTarget.Table => "(rows|drop)", CheckTarget.Column => "column", CheckTarget.Columns => "columns", _ => "two columns" };
            rows[name].About.ShouldMatch($"^{about}(,|$)", name);
        }
    }
}
