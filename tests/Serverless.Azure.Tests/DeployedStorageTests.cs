using Serverless.Workspaces;

namespace Serverless.Azure.Tests;

public sealed class DeployedStorageTests
{
    private static readonly StorageSettings Declared = new() { Kind = StorageKind.Azure, Account = "theirs", AppConfiguration = "declared" };

    [Fact]
    public void Settings_OfADeployment_AreWhatItMade()
    {
        var settings = Read(Declared, (DeployedStorage.Account, "st123"), (DeployedStorage.Flags, "appcs-123"));
        settings.ShouldBe(new StorageSettings { Kind = StorageKind.Azure, Account = "st123", AppConfiguration = "appcs-123" });
    }

    [Fact]
    public void Settings_WithoutAStoreOfFlags_AreThoseOfTheWorkspace() =>
        Read(Declared, (DeployedStorage.Account, "st123"), (DeployedStorage.Flags, "")).AppConfiguration.ShouldBe("declared");

    [Fact]
    public void Settings_OnAnEmulator_UseTheConnectionOfTheTriggers() =>
        Read(new StorageSettings()).ShouldBe(new StorageSettings { Kind = StorageKind.Azure, ConnectionVariable = DeployedStorage.Connection });

    private static StorageSettings Read(StorageSettings declared, params (string Name, string Value)[] variables) =>
        DeployedStorage.Settings(declared, name => variables.FirstOrDefault(v => v.Name == name).Value);
}
