using NJsonSchema;
using Serverless.Testing;
using YamlDotNet.Serialization;

namespace Serverless.Infra.Tests;

public sealed class AzureYamlTests
{
    // The schema that the Azure Developer CLI publishes, version 1.0.
    private static readonly string SchemaFile = Path.Combine(AppContext.BaseDirectory, "Schemas", "azure.yaml.v1.0.json");

    [Fact]
    public async Task AzureYaml_AgainstItsSchema_IsValid() =>
        (await ProblemsAsync(Repository.Read("azure.yaml"))).ShouldBeEmpty();

    [Theory]
    [InlineData("provider: bicep", "provider: Bicep CLI")]
    [InlineData("name: serverless", "title: serverless")]
    [InlineData("shell: sh", "shell: fish")]
    public async Task AzureYaml_WithASlip_IsNotValid(string right, string wrong)
    {
        var text = Repository.Read("azure.yaml");
        text.ShouldContain(right);
        (await ProblemsAsync(text.Replace(right, wrong, StringComparison.Ordinal))).ShouldNotBeEmpty();
    }

    [Fact]
    public void AzureYaml_EveryPath_Exists()
    {
        var text = Repository.Read("azure.yaml");
        foreach (var path in new[] { "infra/main.bicep", "infra/main.parameters.json", "functions/Serverless.Functions.csproj", "infra/hooks/postdeploy.sh", "infra/hooks/postdeploy.ps1" })
        {
            File.Exists(Repository.PathOf(path)).ShouldBeTrue(path);
        }

        text.ShouldContain("project: functions");
        text.ShouldContain("run: infra/hooks/postdeploy.sh");
        text.ShouldContain("run: infra/hooks/postdeploy.ps1");
    }

    private static async Task<IReadOnlyList<string>> ProblemsAsync(string yaml)
    {
        var schema = await JsonSchema.FromFileAsync(SchemaFile);
        var value = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml);
        var json = System.Text.Json.JsonSerializer.Serialize(value);
        return [.. schema.Validate(json).Select(p => p.ToString())];
    }
}
