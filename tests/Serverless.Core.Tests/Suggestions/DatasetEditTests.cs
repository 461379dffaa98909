using Serverless.Core.Tests.Workspaces;
using Serverless.Datasets;
using Serverless.Suggestions;

namespace Serverless.Core.Tests.Suggestions;

public sealed class DatasetEditTests
{
    private const string Head = "dataset: flights # ours\npartition: { column: date, grain: day }\ncolumns:\n  date: timestamp\n  delay: { type: integer }   # minutes\n";
    private const string Added = "{ check: min, column: delay, min: 0, severity: warning }";

    [Theory]
    [InlineData("", "\nchecks:\n  - NEW\n")] // absent
    [InlineData("checks:\n", "checks:\n  - NEW\n")]
    [InlineData("checks: []\n", "checks:\n  - NEW\n")]
    [InlineData("checks: []   # none yet\narrival: { every: 1d }\n", "checks:   # none yet\n  - NEW\narrival: { every: 1d }\n")]
    [InlineData("checks: [{ check: size, min: 1 }]\n", "checks: [{ check: size, min: 1 }, NEW]\n")]
    [InlineData("checks:\n  - { check: size, min: 1 }", "checks:\n  - { check: size, min: 1 }\n  - NEW\n")]
    [InlineData("checks:\n- { check: size, min: 1 }\n", "checks:\n- { check: size, min: 1 }\n- NEW\n")]
    [InlineData("checks:\n    # first\n    - check: size\n      min: 1   # at least\n\n# when\narrival: { every: 1d }\n", "checks:\n    # first\n    - check: size\n      min: 1   # at least\n    - NEW\n\n# when\narrival: { every: 1d }\n")]
    [InlineData("checks:\n  - { check: size,\n      min: 1 }\narrival: { every: 1d }\n", "checks:\n  - { check: size,\n      min: 1 }\n  - NEW\narrival: { every: 1d }\n")]
    public void AddChecks_HoweverTheFileIsWritten_ChangesNothingElse(string tail, string expected)
    {
        foreach (var newline in new[] { "\n", "\r\n" })
        {
            var before = (Head + tail).Replace("\n", newline, StringComparison.Ordinal);

            var after = DatasetEdit.AddChecks(before, [Added]);

            after.ShouldBe((Head + expected.Replace("NEW", Added, StringComparison.Ordinal)).Replace("\n", newline, StringComparison.Ordinal));
            using var folder = new WorkspaceFolder();
            File.Delete(Path.Combine(folder.Root, "models/flight-delay.yaml"));
            var loaded = folder.Write("datasets/flights.yaml", after).Load().Dataset("flights").Checks;
            loaded[^1].Check.ShouldBe("min");
            loaded.Count.ShouldBe(tail.Contains("size", StringComparison.Ordinal) ? 2 : 1);
        }
    }

    [Fact]
    public void AddChecks_None_ChangesNothing() => DatasetEdit.AddChecks(Head, []).ShouldBe(Head);

    [Fact]
    public void Yaml_OfOddTexts_IsReadBackAsItWas()
    {
        var suggestion = new Suggestion
        {
            Check = "containment", Column = "a, b: [c]", Values = ["yes", "007", "7", "-3", "it's", "a \"b\" \\ c", "", "#x", "Zürich", "tab\there", "null", "1e3"], Min = 0.9, Rule = "r", Evidence = "e",
        };
        using var folder = new WorkspaceFolder();
        File.Delete(Path.Combine(folder.Root, "models/flight-delay.yaml"));
        folder.Write("datasets/flights.yaml", DatasetEdit.AddChecks(Head + "  \"a, b: [c]\": string\n", [suggestion.Yaml]));

        var check = folder.Load().Dataset("flights").Checks.ShouldHaveSingleItem();

        (check.Check, check.Column, check.Severity).ShouldBe(("containment", "a, b: [c]", Severity.Warning));
        check.Parameters["values"].Items.ShouldBe(suggestion.Values);
        check.Parameters["min"].Text.ShouldBe("0.9");
        var definition = suggestion.ToDefinition();
        definition.Parameters.Select(p => (p.Key, string.Join('|', p.Value.Items))).Order().ShouldBe(check.Parameters.Select(p => (p.Key, string.Join('|', p.Value.Items))).Order());
    }

    [Fact]
    public void Diff_OfAnInsertion_IsOneHunkWithContext()
    {
        UnifiedDiff.Of("f.yaml", "a\nb\nc\nd\ne\n", "a\nb\nc\nd\nnew\ne\n").ShouldBe(["--- a/f.yaml", "+++ b/f.yaml", "@@ -2,4 +2,5 @@", " b", " c", " d", "+new", " e"]);
        UnifiedDiff.Of("f.yaml", "", "a\n").ShouldBe(["--- a/f.yaml", "+++ b/f.yaml", "@@ -0,0 +1,1 @@", "+a"]);
        UnifiedDiff.Of("f.yaml", "a\n", "a\n").ShouldBeEmpty();
    }
}
