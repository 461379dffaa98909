using System.Text.Json.Nodes;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class KeysTests
{
    [Fact]
    public async Task Keys_MadeRotatedAndRevoked_AreShownOnceAndListedWithoutASecret()
    {
        using var folder = new TempFolder();
        await Cli.DoneAsync(folder.Path, "init", ".");
        var made = JsonNode.Parse((await Cli.DoneAsync(folder.Path, "--json", "keys", "create", "check-in", "--scope", "predict", "--expires", "90d")).Out)!;
        var key = made["key"]!.GetValue<string>();
        key.ShouldStartWith($"sml_{made["id"]!.GetValue<string>()}_");
        made["scopes"]!.ToJsonString().ShouldBe("""["predict"]""");
        made["expiresAt"].ShouldNotBeNull();

        var next = await Cli.DoneAsync(folder.Path, "keys", "rotate", "check-in", "--overlap", "1d");
        next.Out.ShouldContain("It is shown this once");
        var list = (await Cli.DoneAsync(folder.Path, "--json", "keys")).Out;
        JsonNode.Parse(list)!["keys"]!.AsArray().Count.ShouldBe(2);
        list.ShouldNotContain(key[13..]);
        list.ShouldNotContain("sha256");

        (await Cli.DoneAsync(folder.Path, "keys", "revoke", "check-in")).Out.ShouldContain("Revoked: check-in");
        JsonNode.Parse((await Cli.DoneAsync(folder.Path, "--json", "keys")).Out)!["keys"]!.AsArray().ShouldBeEmpty();
        JsonNode.Parse((await Cli.DoneAsync(folder.Path, "--json", "keys", "--all")).Out)!["keys"]!.AsArray().Select(k => k!["status"]!.GetValue<string>()).ShouldBe(["revoked", "revoked"]);
    }

    [Theory]
    [InlineData("scope 'opperate' does not exist. Did you mean 'operate'?", "create", "a", "--scope", "opperate")]
    [InlineData("--expires must be a duration such as 90d, 12h or 15m, not 'soon'", "create", "a", "--expires", "soon")]
    [InlineData("there is no valid key 'b'", "rotate", "b")]
    [InlineData("there is no valid key 'b'", "revoke", "b")]
    public async Task Keys_AskedForWhatCannotBe_SaysWhy(string message, params string[] arguments)
    {
        using var folder = new TempFolder();
        await Cli.DoneAsync(folder.Path, "init", ".");
        var run = await Cli.RunAsync(folder.Path, ["keys", .. arguments]);
        run.Code.ShouldBe(2, run.Error);
        run.Error.ReplaceLineEndings(" ").ShouldContain(message);
    }
}
