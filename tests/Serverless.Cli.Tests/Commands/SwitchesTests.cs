using System.Text.Json.Nodes;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class SwitchesTests
{
    [Fact]
    public async Task Switches_OffAndOn_AreListedWithWhoMovedThemAndKeepConditions()
    {
        using var folder = new TempFolder();
        await Cli.DoneAsync(folder.Path, "init", ".");
        (await StatesAsync(folder)).ShouldBe("retraining on, pulls on, batches on, explanations on, enrichment on");

        (await Cli.DoneAsync(folder.Path, "switches", "off", "retraining")).Out.ReplaceLineEndings(" ").ShouldContain("'retraining' is off. Until it is on again nothing is trained by schedule");
        (await StatesAsync(folder)).ShouldBe("retraining off, pulls on, batches on, explanations on, enrichment on");
        var line = JsonNode.Parse((await Cli.DoneAsync(folder.Path, "--json", "switches")).Out)!["switches"]![0]!;
        line["by"]!.GetValue<string>().ShouldStartWith("cli:");
        line["at"].ShouldNotBeNull();

        // Somebody targets it by hand: the command leaves that as it is.
        var file = Path.Combine(folder.Path, ".serverless", "flags.json");
        var flags = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        flags["feature_management"]!["feature_flags"]![0]!["conditions"] = JsonNode.Parse("""{"client_filters":[{"name":"Microsoft.TimeWindow","parameters":{"Start":"Sat, 01 Jan 2000 00:00:00 GMT"}}]}""");
        await File.WriteAllTextAsync(file, flags.ToJsonString());
        await Cli.DoneAsync(folder.Path, "switches", "on", "retraining");
        (await StatesAsync(folder)).ShouldStartWith("retraining conditional, pulls on");
    }

    [Fact]
    public async Task Switches_UnknownPart_SaysWhichThereAre()
    {
        using var folder = new TempFolder();
        await Cli.DoneAsync(folder.Path, "init", ".");
        var run = await Cli.RunAsync(folder.Path, "switches", "off", "retrainig");
        run.Code.ShouldBe(2);
        run.Error.ReplaceLineEndings(" ").ShouldContain("nothing is switched by 'retrainig'; did you mean 'retraining'?");
        File.Exists(Path.Combine(folder.Path, ".serverless", "flags.json")).ShouldBeFalse();
    }

    private static async Task<string> StatesAsync(TempFolder folder) => string.Join(", ",
        JsonNode.Parse((await Cli.DoneAsync(folder.Path, "--json", "switches")).Out)!["switches"]!.AsArray().Select(s => $"{s!["part"]} {s["state"]}"));
}
