using System.Text.Json;
using Serverless.Azure;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Infra.Tests.Arm;

public sealed class DeploymentTests(Deployment deployment) : IClassFixture<Deployment>
{
    private const string Storage = "Microsoft.Storage/storageAccounts";

    [SkippableFact]
    public void Storage_Account_TakesIdentitiesOverTlsOnly()
    {
        Bicep.SkipWhereAbsent();
        var account = deployment.Only(Storage).GetProperty("properties");
        account.GetProperty("allowSharedKeyAccess").GetBoolean().ShouldBeFalse();
        account.GetProperty("allowBlobPublicAccess").GetBoolean().ShouldBeFalse();
        account.GetProperty("supportsHttpsTrafficOnly").GetBoolean().ShouldBeTrue();
        account.GetProperty("minimumTlsVersion").GetString().ShouldBe("TLS1_2");
    }

    [SkippableFact]
    public void Storage_Names_AreThoseOfTheCode()
    {
        Bicep.SkipWhereAbsent();
        Names($"{Storage}/blobServices/containers").ShouldBe([.. StoreNames.Containers.All, "app-package"], ignoreOrder: true);
        Names($"{Storage}/queueServices/queues").ShouldBe(StoreNames.Queues.All, ignoreOrder: true);
        Names($"{Storage}/tableServices/tables").ShouldBe(StoreNames.Tables.All, ignoreOrder: true);
        deployment.OfType($"{Storage}/blobServices/containers")
            .ShouldAllBe(c => c.GetProperty("properties").GetProperty("publicAccess").GetString() == "None");
    }

    [SkippableFact]
    public void Storage_Blobs_CanBeBroughtBack()
    {
        Bicep.SkipWhereAbsent();
        var blobs = deployment.Only($"{Storage}/blobServices").GetProperty("properties");
        blobs.GetProperty("isVersioningEnabled").GetBoolean().ShouldBeTrue();
        blobs.GetProperty("deleteRetentionPolicy").GetProperty("enabled").GetBoolean().ShouldBeTrue();
        blobs.GetProperty("containerDeleteRetentionPolicy").GetProperty("enabled").GetBoolean().ShouldBeTrue();
    }

    [SkippableFact]
    public void Immutability_AskedFor_HoldsForWhatIsWrittenOnce()
    {
        Bicep.SkipWhereAbsent();
        var policies = deployment.OfType($"{Storage}/blobServices/containers/immutabilityPolicies");
        policies.Select(p => p.GetProperty("name").GetString()!.Split('/')[^2]).ShouldBe([StoreNames.Containers.Data, StoreNames.Containers.Models], ignoreOrder: true);
        policies.ShouldAllBe(p => p.GetProperty("properties").GetProperty("immutabilityPeriodSinceCreationInDays").GetInt32() == 7);
    }

    [SkippableFact]
    public void Roles_OfTheFunctionApp_AreDataRolesOnItsOwnResources()
    {
        Bicep.SkipWhereAbsent();
        var granted = deployment.OfType("Microsoft.Authorization/roleAssignments")
            .Select(r => (Scope: Scope(r), Role: Role(r), Who: Who(r))).ToArray();
        granted.Where(g => g.Who == "app").Select(g => (g.Scope, g.Role)).ShouldBe(
        [
            (Storage, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"),                             // Storage Blob Data Owner
            (Storage, "974c5e8b-45b9-4653-ba55-5f855dd0fb88"),                             // Storage Queue Data Contributor
            (Storage, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"),                             // Storage Table Data Contributor
            ("Microsoft.KeyVault/vaults", "12338af0-0e69-4776-bea7-57ae8d297424"),         // Key Vault Crypto User
            ("Microsoft.Insights/components", "3913510d-42f4-4e42-8a64-420c390055eb"),     // Monitoring Metrics Publisher
            (FlagStoreTests.Store, FlagStoreTests.DataOwner),
        ], ignoreOrder: true);
        granted.Where(g => g.Who == "person").ShouldBe([(Storage, "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "person"), (FlagStoreTests.Store, FlagStoreTests.DataOwner, "person")], ignoreOrder: true); // Storage Blob Data Contributor
        granted.Length.ShouldBe(8);
    }

    [SkippableFact]
    public void FunctionApp_Runs_IsolatedNet10OnFlexConsumption()
    {
        Bicep.SkipWhereAbsent();
        deployment.Only("Microsoft.Web/serverfarms").GetProperty("sku").GetProperty("name").GetString().ShouldBe("FC1");
        var app = deployment.Only("Microsoft.Web/sites");
        app.GetProperty("identity").GetProperty("type").GetString().ShouldBe("UserAssigned");
        app.GetProperty("tags").GetProperty("azd-service-name").GetString().ShouldBe("api");
        var properties = app.GetProperty("properties");
        properties.GetProperty("httpsOnly").GetBoolean().ShouldBeTrue();
        properties.GetProperty("siteConfig").GetProperty("minTlsVersion").GetString().ShouldBe("1.2");
        var config = properties.GetProperty("functionAppConfig");
        config.GetProperty("runtime").GetRawText().ShouldSatisfyAllConditions(r => r.ShouldContain("dotnet-isolated"), r => r.ShouldContain("10.0"));
        config.GetProperty("deployment").GetProperty("storage").GetProperty("authentication").GetProperty("type").GetString().ShouldBe("UserAssignedIdentity");
    }

    [SkippableFact]
    public void Settings_HoldNoKey()
    {
        Bicep.SkipWhereAbsent();
        foreach (var setting in Settings())
        {
            var (name, value) = (setting.Name, setting.Value.GetString()!);
            // The address of Application Insights is called a connection string, but opens nothing: its local authentication is off (next test).
            if (name != "APPLICATIONINSIGHTS_CONNECTION_STRING") name.ShouldNotContain("CONNECTION_STRING");
            value.ShouldNotContain("AccountKey", Case.Insensitive);
            value.ShouldNotContain("SharedAccess", Case.Insensitive);
        }

        deployment.Text.ShouldNotContain("listKeys", Case.Insensitive);
        deployment.Text.ShouldNotContain("listAccountSas", Case.Insensitive);
    }

    [SkippableFact]
    public void Insights_LocalAuthentication_IsOff()
    {
        Bicep.SkipWhereAbsent();
        var insights = deployment.Only("Microsoft.Insights/components").GetProperty("properties");
        insights.GetProperty("DisableLocalAuth").GetBoolean().ShouldBeTrue();
        insights.GetProperty("WorkspaceResourceId").GetString()!.ShouldContain("/workspaces/");
    }

    [SkippableFact]
    public void Settings_WhatTheTriggersAndTheStoreRead_IsThere()
    {
        Bicep.SkipWhereAbsent();
        var names = Settings().Select(s => s.Name).ToArray();
        string[] read =
        [
            "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId",
            "Storage__blobServiceUri", "Storage__queueServiceUri", "Storage__credential", "Storage__clientId",
            DeployedStorage.Account, DeployedStorage.Flags, "AZURE_CLIENT_ID", "APPLICATIONINSIGHTS_CONNECTION_STRING",
        ];
        foreach (var name in read) names.ShouldContain(name);

        // Every %SETTING% that a function's attribute refers to.
        foreach (var file in Directory.GetFiles(Repository.PathOf("functions"), "*.cs"))
        {
            foreach (System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(file), "%([A-Z_]+)%"))
            {
                names.ShouldContain(match.Groups[1].Value, $"{Path.GetFileName(file)} reads it");
            }
        }
    }

    [SkippableFact]
    public void Events_Topic_ListensToTheStorageAccount()
    {
        Bicep.SkipWhereAbsent();
        var topic = deployment.Only("Microsoft.EventGrid/systemTopics").GetProperty("properties");
        topic.GetProperty("topicType").GetString().ShouldBe("Microsoft.Storage.StorageAccounts");
        topic.GetProperty("source").GetString()!.ShouldEndWith(deployment.Only(Storage).GetProperty("name").GetString()!);
    }

    [SkippableFact]
    public void Outputs_WhatTheHookReads_IsGiven()
    {
        Bicep.SkipWhereAbsent();
        foreach (var script in new[] { "infra/hooks/postdeploy.sh", "infra/hooks/postdeploy.ps1" })
        {
            var text = Repository.Read(script);
            foreach (var name in new[] { "AZURE_RESOURCE_GROUP", "AZURE_FUNCTION_APP", "AZURE_EVENT_TOPIC", "API_URL" })
            {
                text.ShouldContain(name);
                deployment.Outputs.TryGetProperty(name, out _).ShouldBeTrue($"{script} reads {name}");
            }
        }
    }

    private IEnumerable<string> Names(string type) => deployment.OfType(type).Select(Deployment.LastName);

    private JsonElement.ObjectEnumerator Settings() => deployment.Only("Microsoft.Web/sites/config").GetProperty("properties").EnumerateObject();

    private static string Scope(JsonElement assignment)
    {
        var parts = assignment.GetProperty("id").GetString()!.Split("/providers/")[^2].Split('/');
        return $"{parts[0]}/{parts[1]}";
    }

    private static string Role(JsonElement assignment) =>
        assignment.GetProperty("properties").GetProperty("roleDefinitionId").GetString()!.Split('/')[^1];

    private static string Who(JsonElement assignment) =>
        assignment.GetProperty("properties").GetProperty("principalId").GetString()!.Contains("userAssignedIdentities", StringComparison.Ordinal) ? "app" : "person";
}
