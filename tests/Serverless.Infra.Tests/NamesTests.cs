using System.Text.Json;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Infra.Tests;

public sealed class NamesTests
{
    [Fact]
    public void NamesJson_EveryName_IsThatOfTheCode()
    {
        using var names = JsonDocument.Parse(Repository.Read("infra/names.json"));
        List(names, "containers").ShouldBe(StoreNames.Containers.All);
        List(names, "queues").ShouldBe(StoreNames.Queues.All);
        List(names, "tables").ShouldBe(StoreNames.Tables.All);
        names.RootElement.EnumerateObject().Count().ShouldBe(3);
    }

    private static IEnumerable<string?> List(JsonDocument names, string kind) => names.RootElement.GetProperty(kind).EnumerateArray().Select(n => n.GetString());
}
