using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class InitTests
{
    [Fact]
    public async Task Init_WithoutSample_MakesAWorkspaceThatLoads()
    {
        using var folder = new TempFolder();

        var made = await Cli.DoneAsync(folder.Path, "init", "My Project", "--json");

        made.Json.GetProperty("workspace").GetString().ShouldBe(folder["My Project"]);
        File.ReadAllText(folder["My Project/.gitignore"]).ShouldBe(".serverless/\n");
        (await Cli.DoneAsync(folder["My Project"], "models", "--json")).Json.GetProperty("models").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Init_ExamplesOfTheEmptyWorkspace_AreValidOnceRenamed()
    {
        using var folder = new TempFolder();
        await Cli.DoneAsync(folder.Path, "init", "w");
        File.Move(folder["w/datasets/example.yaml.txt"], folder["w/datasets/sales.yaml"]);
        File.Move(folder["w/models/example.yaml.txt"], folder["w/models/large-sale.yaml"]);
        folder.Write("w/one.csv", "date,amount,shop\n2024-01-01,5.5,a\n");

        (await Cli.DoneAsync(folder["w"], "check", "one.csv", "--dataset", "sales", "--json")).Json.GetProperty("status").GetString().ShouldBe("passed");
    }

    [Theory, InlineData("flights"), InlineData("weather")]
    public async Task Init_WithSample_CopiesItWithItsDrops(string sample)
    {
        using var folder = new TempFolder();

        await Cli.DoneAsync(folder.Path, "init", "w", "--sample", sample);

        var source = Repository.PathOf($"samples/{sample}");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(source, f)).Where(f => !f.StartsWith('.')))
        {
            File.ReadAllBytes(folder[Path.Combine("w", file)]).ShouldBe(File.ReadAllBytes(Path.Combine(source, file)), file);
        }
    }

    [Fact]
    public async Task Init_OverAWorkspace_ChangesNothing()
    {
        using var folder = SmallWorkspace.Create();

        var run = await Cli.RunAsync(folder.Path, "init", ".");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("holds a workspace already; nothing was changed");
        File.Exists(folder[".gitignore"]).ShouldBeFalse();
        File.ReadAllText(folder["serverless.yaml"]).ShouldBe("name: trains\n");
    }

    [Fact]
    public async Task Init_UnknownSample_NamesTheKnown()
    {
        using var folder = new TempFolder();

        var run = await Cli.RunAsync(folder.Path, "init", "w", "--sample", "flight");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe("error: there is no sample 'flight'. Did you mean 'flights'?\n");
        Directory.Exists(folder["w"]).ShouldBeFalse();
    }
}
