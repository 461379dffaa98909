using System.Text.Json;
using Serverless.Registry.Signing;
using Serverless.Testing;

namespace Serverless.Infra.Tests.Arm;

public sealed class SigningKeyTests(Deployment deployment) : IClassFixture<Deployment>
{
    private const string Vault = "Microsoft.KeyVault/vaults";

    [SkippableFact]
    public void Vault_Access_IsByRolesAndWhatIsDeletedCanBeBroughtBack()
    {
        Bicep.SkipWhereAbsent();
        var vault = deployment.Only(Vault);
        vault.GetProperty("name").GetString()!.Length.ShouldBeInRange(3, 24);
        var properties = vault.GetProperty("properties");
        foreach (var on in new[] { "enableRbacAuthorization", "enableSoftDelete", "enablePurgeProtection" }) properties.GetProperty(on).GetBoolean().ShouldBeTrue(on);
        properties.TryGetProperty("accessPolicies", out _).ShouldBeFalse();
        properties.GetProperty("sku").GetProperty("name").GetString().ShouldBe("standard");
    }

    [SkippableFact]
    public void Key_Kind_IsWhatTheSignerTakes()
    {
        Bicep.SkipWhereAbsent();
        var key = deployment.Only($"{Vault}/keys").GetProperty("properties");
        key.GetProperty("kty").GetString().ShouldBe("EC");
        key.GetProperty("curveName").GetString().ShouldBe("P-256");
        key.GetProperty("keyOps").EnumerateArray().Select(o => o.GetString()).ShouldBe(["sign", "verify"], ignoreOrder: true);
        key.TryGetProperty("rotationPolicy", out _).ShouldBeFalse("a new version would be another key, and old signatures no good");
    }

    [SkippableFact]
    public void Role_OnTheVault_IsForTheOneKey()
    {
        Bicep.SkipWhereAbsent();
        var key = deployment.Only($"{Vault}/keys").GetProperty("id").GetString()!;
        var onVault = deployment.OfType("Microsoft.Authorization/roleAssignments").Select(r => r.GetProperty("id").GetString()!).Where(id => id.Contains(Vault, StringComparison.OrdinalIgnoreCase));
        onVault.ShouldHaveSingleItem().ShouldStartWith($"{key}/providers/Microsoft.Authorization/");
    }

    [SkippableFact]
    public void Setting_SigningKey_IsTheAddressThatTheSignerReads()
    {
        Bicep.SkipWhereAbsent();
        var setting = Settings().GetProperty(SigningKeys.Variable).GetString()!;
        var key = deployment.Only($"{Vault}/keys").GetProperty("name").GetString()!.Split('/');
        setting.ShouldBe($"https://{key[0]}.vault.azure.net/keys/{key[1]}");
        SigningKeys.Parse(setting, Repository.PathOf("infra")).ShouldNotBeNull().Vault.ShouldBe(new Uri(setting));
        deployment.Outputs.TryGetProperty(SigningKeys.Variable, out _).ShouldBeTrue();
    }

    [SkippableFact]
    public void Vault_Secrets_AreNeitherMadeNorReferredTo()
    {
        Bicep.SkipWhereAbsent();
        deployment.OfType($"{Vault}/secrets").ShouldBeEmpty();
        foreach (var setting in Settings().EnumerateObject())
        {
            var value = setting.Value.GetString()!;
            value.ShouldNotContain("PRIVATE KEY", Case.Insensitive, setting.Name);
            value.ShouldNotContain("/secrets/", Case.Insensitive, setting.Name);
            value.ShouldNotContain("@Microsoft.KeyVault", Case.Insensitive, setting.Name);
        }
    }

    private JsonElement Settings() => deployment.Only("Microsoft.Web/sites/config").GetProperty("properties");
}
