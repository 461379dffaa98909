using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Core.Tests.Workspaces;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Core.Tests.Features;

/// <summary>docs/features.md says what is: every example loads, fits, and has the slots that its comment claims.</summary>
public sealed partial class FeaturesDocumentTests
{
    private static readonly string Document = Repository.Read("docs/features.md");

    [Fact]
    public void Examples_OfThePage_FitAndHaveTheSlotsTheySay()
    {
        var blocks = Blocks().Matches(Document).Select(m => m.Groups[1].Value).ToArray();
        var dataset = blocks.Single(b => b.StartsWith("# datasets/flights.yaml", StringComparison.Ordinal));
        string[] lines = [.. blocks.Where(b => !b.StartsWith("# ", StringComparison.Ordinal)).SelectMany(b => b.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        lines.Length.ShouldBe(15);
        using var folder = new WorkspaceFolder();
        folder.Write("datasets/flights.yaml", dataset).Write("models/flight-delay.yaml",
            "model: flight-delay\ntask: binary\ndataset: flights\nlabel: delay > 15\nholdout: 7d\nfeatures:\n" + string.Concat(lines.Select(l => $"  {l}\n")));

        var workspace = folder.Load();

        var (model, contract) = (workspace.Model("flight-delay"), workspace.Dataset("flights"));
        FeatureCompiler.Validate(model, contract).ShouldBeEmpty();
        var table = Rows();
        var plan = FeatureFitting.Fit(model, FeatureCompiler.SchemaOf(contract), KnownTrainers.LightGbm.Traits, table, [.. Enumerable.Range(0, table.Rows)]);
        plan.Transform(table, [0]).Values.Length.ShouldBe(plan.Slots.Count);
        foreach (var line in lines)
        {
            var claim = Claim().Match(line);
            claim.Success.ShouldBeTrue(line);
            var slots = plan.Slots.Where(s => s.Feature == line[..line.IndexOf(':')]).ToArray();
            slots.Length.ShouldBe(int.Parse(claim.Groups[1].Value, CultureInfo.InvariantCulture), line);
            slots[0].IsCategory.ShouldBe(claim.Groups[2].Success, line);
            if (claim.Groups[3].Length > 0) slots[0].Cardinality.ShouldBe(int.Parse(claim.Groups[3].Value, CultureInfo.InvariantCulture), line);
        }
    }

    private static Table Rows()
    {
        var table = Fixture.Table(200);
        string[] notes = ["late again", "snow at the gate", "crew late"];
        return new Table(table.Rows, [.. table.Columns, new StringColumn("notes", [.. Enumerable.Range(0, table.Rows).Select(i => i % 4 - 1)], notes, [.. Enumerable.Range(0, table.Rows).Select(i => i % 4 == 0)])]);
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"# (\d+) slots?(, (\d*) ?categories)?$")]
    private static partial Regex Claim();
}
