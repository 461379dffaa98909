namespace Serverless.Cli.Tests.Commands;

public sealed class SigningTests(TrainedTrains trained) : IClassFixture<TrainedTrains>
{
    private string Folder => trained.Folder.Path;

    private string File(int version, string name) => Path.Combine(Folder, ".serverless", "objects", "models", "late", $"{version}", name);

    // One test, because each part of it needs what the one before left.
    [Fact]
    public async Task TamperedVersion_IsFoundRefusedAndOnlySignedAgainByAPerson()
    {
        var fine = await Cli.DoneAsync(Folder, "models", "verify", "--json");
        fine.Json.GetProperty("versions").EnumerateArray().Select(v => (v.GetProperty("version").GetInt32(), v.GetProperty("good").GetBoolean())).ShouldBe([(1, true), (2, true)]);
        System.IO.File.Exists(Path.Combine(Folder, ".serverless", "keys", "model-signing.pub.pem")).ShouldBeTrue();

        var signature = await System.IO.File.ReadAllBytesAsync(File(2, "signature.json"));
        System.IO.File.Delete(File(2, "signature.json"));
        var missing = await Cli.RunAsync(Folder, "models", "verify", "late", "2", "--json");
        missing.Code.ShouldBe(ExitCode.No);
        missing.Json.GetProperty("versions")[0].GetProperty("problem").GetString()!.ShouldStartWith("version 2 of model 'late' has no signature");

        await Cli.DoneAsync(Folder, "models", "promote", "late", "1");
        var promoted = await Cli.RunAsync(Folder, "models", "promote", "late", "2", "--json");
        promoted.Code.ShouldNotBe(ExitCode.Done);
        promoted.Json.GetProperty("error").GetString()!.ShouldContain("serverless-ml models sign late 2");
        (await Cli.DoneAsync(Folder, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("champion").GetInt32().ShouldBe(1);

        // As before signing existed: a person says so, and is on record.
        var signed = await Cli.DoneAsync(Folder, "models", "sign", "late", "--comment", "compared with the backup", "--json");
        signed.Json.GetProperty("models")[0].GetProperty("signed").EnumerateArray().Select(v => v.GetInt32()).ShouldBe([2]);
        await Cli.DoneAsync(Folder, "models", "promote", "late", "2");
        var audit = (await Cli.DoneAsync(Folder, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("audit").EnumerateArray().ToArray();
        audit.Single(a => a.GetProperty("action").GetString() == "signed").GetProperty("comment").GetString().ShouldBe("compared with the backup");

        // A changed model is not signed by anybody: what is signed must be what was registered.
        var model = await System.IO.File.ReadAllBytesAsync(File(2, "model.zip"));
        model[^1] ^= 1;
        await System.IO.File.WriteAllBytesAsync(File(2, "model.zip"), model);
        (await Cli.RunAsync(Folder, "models", "sign", "late", "2", "--comment", "x")).Error.ShouldContain("is damaged");
        (await Cli.RunAsync(Folder, "models", "sign", "late", "2", "--comment", "x", "--replace")).Error.ShouldContain("is not the file that was registered");
        model[^1] ^= 1;
        await System.IO.File.WriteAllBytesAsync(File(2, "model.zip"), model);
        await System.IO.File.WriteAllBytesAsync(File(2, "signature.json"), signature);
        (await Cli.DoneAsync(Folder, "models", "verify", "late")).Out.ShouldContain("late version 2: good, signed by ");
    }

    [Fact]
    public async Task Sign_WithoutAComment_IsRefused() =>
        (await Cli.RunAsync(Folder, "models", "sign", "late")).Code.ShouldBe(ExitCode.Usage);
}
