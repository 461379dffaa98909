using Serverless.Azure;

namespace Serverless.Infra.Tests.Arm;

public sealed class FlagStoreTests(Deployment deployment, FlagStoreTests.InStorage inStorage) : IClassFixture<Deployment>, IClassFixture<FlagStoreTests.InStorage>
{
    public const string Store = "Microsoft.AppConfiguration/configurationStores";

    /// <summary>App Configuration Data Owner.</summary>
    public const string DataOwner = "5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b";

    [SkippableFact]
    public void Store_Access_IsByIdentityOnly()
    {
        Bicep.SkipWhereAbsent();
        var store = deployment.Only(Store);
        store.GetProperty("properties").GetProperty("disableLocalAuth").GetBoolean().ShouldBeTrue();
        store.GetProperty("name").GetString()!.Length.ShouldBeInRange(5, 50);
        // The free tier takes 1,000 requests a day, and one instance that looks every 15 seconds makes 5,760.
        store.GetProperty("sku").GetProperty("name").GetString().ShouldBe("standard");
    }

    [SkippableFact]
    public void Setting_AppConfiguration_NamesTheStoreThatIsMade()
    {
        Bicep.SkipWhereAbsent();
        Setting(deployment).ShouldBe(deployment.Only(Store).GetProperty("name").GetString());
        deployment.Outputs.TryGetProperty(DeployedStorage.Flags, out _).ShouldBeTrue();
    }

    [SkippableFact]
    public void FlagStore_InStorage_MakesNoneAndNamesNone()
    {
        Bicep.SkipWhereAbsent();
        inStorage.OfType(Store).ShouldBeEmpty();
        inStorage.Text.ShouldNotContain(DataOwner);
        Setting(inStorage).ShouldBe("");
    }

    private static string? Setting(Deployment of) => of.OfType("Microsoft.Web/sites/config").Single(c => Deployment.LastName(c) == "appsettings").GetProperty("properties").GetProperty(DeployedStorage.Flags).GetString();

    /// <summary>The deployment of those who keep the flags in their storage account.</summary>
    public sealed class InStorage : Deployment
    {
        protected override string Choices => "param flagStore = 'storage'";
    }
}
