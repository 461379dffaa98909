using System.Text.RegularExpressions;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Workspaces;

/// <summary>docs/workspace.md says what the loader does.</summary>
public sealed partial class WorkspaceDocumentTests
{
    private static readonly string Document = Repository.Read("docs/workspace.md");

    [Fact]
    public void Keys_OfEachSection_AreThoseOfTheLoader()
    {
        var documented = Tables().Matches(Document).ToDictionary(t => t.Groups[1].Value, t => FirstCells().Matches(t.Groups[2].Value).Select(c => c.Groups[1].Value).ToArray());

        documented.Keys.Order().ShouldBe(WorkspaceKeys.Sections.Order());
        foreach (var (section, keys) in documented) keys.ShouldBe(WorkspaceKeys.Of(section), $"table of '{section}'");
    }

    [Fact]
    public void Examples_Together_AreAWorkspaceWithoutProblems()
    {
        using var folder = new WorkspaceFolder();
        var examples = Examples().Matches(Document);
        examples.Count.ShouldBe(4);
        foreach (Match example in examples) folder.Write(example.Groups[1].Value, example.Groups[2].Value);

        var workspace = folder.Load();

        workspace.Warnings.ShouldBeEmpty();
        workspace.Name.ShouldBe("airline");
    }

    [Theory]
    [InlineData("flights")]
    [InlineData("weather")]
    public void Samples_AreLoaded_HaveNoProblems(string sample) => WorkspaceLoader.Load(Repository.PathOf($"samples/{sample}")).Warnings.ShouldBeEmpty();

    [GeneratedRegex(@"^\| `([^`]+)` \| required .*\n\|[-|]+\n((?:\|.*\n)+)", RegexOptions.Multiline)]
    private static partial Regex Tables();

    [GeneratedRegex(@"^\| `([^`]+)` ", RegexOptions.Multiline)]
    private static partial Regex FirstCells();

    [GeneratedRegex(@"```yaml\n# (\S+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Examples();
}
