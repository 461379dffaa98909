using System.Text.Json;
using Serverless.Testing;

namespace Serverless.Infra.Tests.Arm;

/// <summary>What Azure would be asked for: the resources of infra/main.bicep with loops and expressions worked out, by <c>bicep snapshot</c>.</summary>
public class Deployment : IAsyncLifetime, IDisposable
{
    private readonly TempFolder folder = new();
    private JsonDocument? snapshot;

    public IReadOnlyList<JsonElement> Resources => [.. snapshot!.RootElement.GetProperty("predictedResources").EnumerateArray()];

    public string Text => snapshot!.RootElement.GetRawText();

    public JsonElement Outputs => snapshot!.RootElement.GetProperty("outputs");

    public IReadOnlyList<JsonElement> OfType(string type) => [.. Resources.Where(r => string.Equals(TextOf(r, "type"), type, StringComparison.OrdinalIgnoreCase))];

    public JsonElement Only(string type) => OfType(type).ShouldHaveSingleItem();

    public static string LastName(JsonElement resource) => TextOf(resource, "name").Split('/')[^1];

    private static string TextOf(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public async Task InitializeAsync()
    {
        if (!Bicep.IsHere) return;
        var parameters = Path.Combine(folder.Path, "main.bicepparam");
        var main = Path.GetRelativePath(folder.Path, Repository.PathOf("infra/main.bicep"));
        await File.WriteAllTextAsync(parameters, $"""
            using '{main}'
            param environmentName = 'test'
            param location = 'westeurope'
            param principalId = '11111111-1111-1111-1111-111111111111'
            param immutableDays = 7
            {Choices}
            """);
        var run = await Bicep.RunAsync("snapshot", parameters, "--mode", "overwrite", "--subscription-id", "00000000-0000-0000-0000-000000000001", "--location", "westeurope");
        run.ExitCode.ShouldBe(0, run.Errors);
        snapshot = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "main.snapshot.json")));
    }

    /// <summary>Parameters beside those that every deployment has.</summary>
    protected virtual string Choices => "";

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        snapshot?.Dispose();
        folder.Dispose();
    }
}
