using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class CardTests : IAsyncLifetime
{
    private const string Sly = "Is a train late? <script>alert(1)</script> | **bold** [x](javascript:y)";
    private TempFolder folder = null!;

    private string Store => Path.Combine(folder.Path, ".serverless", "objects");

    public async Task InitializeAsync()
    {
        folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + $"""

            description: '{Sly}'
            card:
              owner: Operations
              intendedUse: Telling passengers
              limits: [Only three lines, "No strikes"]
              licence: MIT
            """);
        await Cli.DoneAsync(folder.Path, "train", "late");
    }

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Manifest_OfAVersion_NamesEveryPartitionWithTheHashOfItsBytes()
    {
        var shown = (await Cli.DoneAsync(folder.Path, "models", "show", "late", "1", "--json")).Json.GetProperty("models")[0].GetProperty("versions")[0];
        var lineage = shown.GetProperty("lineage");
        var data = lineage.GetProperty("data").EnumerateArray().ToArray();
        data.Select(p => p.GetProperty("id").GetString()).ShouldBe(lineage.GetProperty("partitions").EnumerateArray().Select(p => p.GetString()));
        data.Length.ShouldBe(10);
        foreach (var partition in data)
        {
            var file = Directory.GetFiles(Path.Combine(Store, "data"), partition.GetProperty("id").GetString() + ".parquet", SearchOption.AllDirectories).ShouldHaveSingleItem();
            partition.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file))));
            partition.GetProperty("rows").GetInt64().ShouldBe(240);
        }

        shown.GetProperty("features").EnumerateArray().Select(f => $"{f.GetProperty("name")} = {f.GetProperty("from")}").ShouldBe(["hour = at.Hour", "line = line"]);
        foreach (var name in new[] { "codeVersion", "workspaceHash", "contractVersion", "seed" }) lineage.GetProperty(name).ToString().ShouldNotBeNullOrEmpty(name);
        using var stored = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Store, "models", "late", "1", "manifest.json")));
        stored.RootElement.GetProperty("lineage").GetProperty("data").GetArrayLength().ShouldBe(10);
        // What lists of versions and runs carry is small.
        (await Cli.DoneAsync(folder.Path, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("versions")[0].GetProperty("lineage").TryGetProperty("data", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Card_IsMadeOfFactsAndShowsNothingOfThemAsMarkup()
    {
        var card = (await Cli.DoneAsync(folder.Path, "models", "card", "late")).Out;
        foreach (var heading in new[] { "# late, version 1", "## Use", "## Data", "## Features", "## Performance", "## Calibration", "## Limits", "## Decisions", "## Provenance" }) card.ShouldContain(heading + "\n");
        card.ShouldNotContain("## Fairness"); // no groups, no section
        card.ShouldNotContain("<script>");
        card.ShouldContain(@"\<script\>alert\(1\)\</script\> \| \*\*bold\*\* \[x\]\(javascript:y\)");
        card.ShouldContain("| Owner | Operations |");
        card.ShouldContain("- Only three lines\n- No strikes\n");
        card.ShouldContain("promoted");
        card.ShouldContain("good, by the key ");
        card.ShouldContain("| hour | at.Hour |");
        // A figure comes with what chance alone makes of it.
        var auc = card.Split('\n').Single(l => l.StartsWith("| auc |", StringComparison.Ordinal)).Split('|', StringSplitOptions.TrimEntries);
        card.ShouldContain("| Metric | This version | 95 % interval | Baseline |");
        auc[3].Split(" to ").Select(e => double.Parse(e, System.Globalization.CultureInfo.InvariantCulture)).ToArray().ShouldSatisfyAllConditions(
            e => e.Length.ShouldBe(2), e => e[0].ShouldBeLessThan(double.Parse(auc[2], System.Globalization.CultureInfo.InvariantCulture)), e => e[1].ShouldBeGreaterThan(double.Parse(auc[2], System.Globalization.CultureInfo.InvariantCulture)));
        card.ShouldContain("objective auto,"); // the word, not its number
        card.ShouldNotContain(", p 0)");
        card.Split('\n').Single(l => l.StartsWith("| line |", StringComparison.Ordinal) && l.Contains("string", StringComparison.Ordinal)).ShouldContain("red");

        // Stored with the version, and signed: what was known when it was registered.
        var stored = await File.ReadAllTextAsync(Path.Combine(Store, "models", "late", "1", "card.md"));
        stored.ShouldContain("## Performance");
        stored.ShouldNotContain("## Decisions");
        var path = Path.Combine(folder.Path, "card.html");
        await Cli.DoneAsync(folder.Path, "models", "card", "late", "1", "--html", path);
        var html = await File.ReadAllTextAsync(path);
        html.ShouldNotContain("<script");
        html.ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt;");
        html.ShouldContain("default-src 'none'");

        await File.WriteAllTextAsync(Path.Combine(Store, "models", "late", "1", "card.md"), stored + " ");
        (await Cli.RunAsync(folder.Path, "models", "verify")).Out.ShouldContain("'models/late/1/card.md' is not the file that was signed");
        (await Cli.DoneAsync(folder.Path, "models", "card", "late")).Out.ShouldContain("is not the file that was signed");
        await File.WriteAllTextAsync(Path.Combine(Store, "models", "late", "1", "card.md"), stored);
        await Cli.DoneAsync(folder.Path, "models", "verify");
    }
}
