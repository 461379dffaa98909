using System.Text.Json;
using Serverless.Cli.Samples;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Samples;

public sealed class SampleTests
{
    // What building and running leaves there.
    private static readonly string[] Made = ["/.serverless/", "/bin/", "/obj/"];

    [Fact]
    public void Samples_Together_AreAtMostThreeMegabytes() =>
        Directory.EnumerateFiles(Repository.PathOf("samples"), "*", SearchOption.AllDirectories).Where(f => !Made.Any(m => f.Replace('\\', '/').Contains(m, StringComparison.Ordinal)))
            .Sum(f => new FileInfo(f).Length).ShouldBeLessThan(3 * 1024 * 1024);

    [Fact]
    public void Samples_InTheCatalogue_AreThoseOfTheFolder() =>
        Directory.EnumerateDirectories(Repository.PathOf("samples")).Where(d => Directory.Exists(Path.Combine(d, "drops"))).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(SampleCatalogue.All.Select(s => s.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Samples_Drops_AreWrittenWithoutTimeAndName()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("samples/flights/drops")))
        {
            var head = File.ReadAllBytes(file).AsSpan(0, 8).ToArray();
            head[..3].ShouldBe([0x1f, 0x8b, 8]);
            head[3..].ShouldBe(new byte[5], file);
        }
    }

    [Theory, InlineData("flights"), InlineData("weather")]
    public void Sample_Workspace_LoadsWithoutAWarning(string name)
    {
        var workspace = Workspaces.WorkspaceLoader.Load(Repository.PathOf($"samples/{name}"));
        workspace.Warnings.ShouldBeEmpty();
        var sample = SampleCatalogue.Find(name);
        workspace.Models.Keys.Order(StringComparer.Ordinal).ShouldBe(sample.Models.Order(StringComparer.Ordinal));
        workspace.Datasets.Keys.ShouldBe([sample.Dataset]);
        JsonDocument.Parse(sample.Question).Dispose();
    }
}
