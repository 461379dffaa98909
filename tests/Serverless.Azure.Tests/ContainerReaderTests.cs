using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Sources;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Testing.Emulator;
using Serverless.Workspaces;

namespace Serverless.Azure.Tests;

/// <summary>A container as a source, on the emulator.</summary>
public sealed class ContainerReaderTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly string variable = "CONTAINER_TEST_" + IdSource.System.Next(8).ToUpperInvariant();
    private readonly string container = "exports-" + IdSource.System.Next(8);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(variable, null);
        folder.Dispose();
    }

    [SkippableFact]
    public async Task Fetch_NewAndChangedBlobs_OnceEach()
    {
        var blobs = await ContainerAsync();
        await blobs.UploadBlobAsync("shop/2026/a.csv", BinaryData.FromString("id\n1\n"));
        await blobs.UploadBlobAsync("shop/2026/b.csv", BinaryData.FromString("id\n2\n"));
        await blobs.UploadBlobAsync("shop/2026/readme.md", BinaryData.FromString("no"));
        await blobs.UploadBlobAsync("other/c.csv", BinaryData.FromString("id\n3\n"));

        var first = await FetchAsync(new Dictionary<string, string>());

        first.Files.Select(f => f.Name).ShouldBe(["shop-2026__a.csv", "shop-2026__b.csv"]);
        File.ReadAllText(first.Files[1].Path).ShouldBe("id\n2\n");
        first.Files[0].Origin.Address!.ShouldEndWith($"/{container}/shop/2026/a.csv");

        var known = first.Files.ToDictionary(f => f.FileName!, f => f.FileTag!);
        (await FetchAsync(known)).NothingNew.ShouldBe("no new blob among 2");
        await blobs.GetBlobClient("shop/2026/b.csv").UploadAsync(BinaryData.FromString("id\n4\n"), overwrite: true);
        (await FetchAsync(known)).Files.ShouldHaveSingleItem().FileName.ShouldBe("2026/b.csv");
    }

    [SkippableFact]
    public async Task Fetch_ContainerThatIsNotThere_SaysWhatToDo()
    {
        Azurite.OrSkip();
        Environment.SetEnvironmentVariable(variable, Azurite.OrSkip().ConnectionString);

        (await Should.ThrowAsync<SourceException>(() => FetchAsync(new Dictionary<string, string>()))).Message
            .ShouldBe($"container '{container}': 404 ContainerNotFound. Check the names of account and container.");
    }

    private async Task<BlobContainerClient> ContainerAsync()
    {
        var connection = Azurite.OrSkip().ConnectionString;
        Environment.SetEnvironmentVariable(variable, connection);
        var blobs = new BlobContainerClient(connection, container);
        await blobs.CreateAsync();
        return blobs;
    }

    private async Task<Fetched> FetchAsync(IReadOnlyDictionary<string, string> files)
    {
        folder.Write("serverless.yaml", "name: shop\n");
        folder.Write("datasets/orders.yaml", $$"""
            dataset: orders
            partition: { by: arrival, grain: day }
            columns: { id: integer }
            sources:
              - { name: shop, kind: container, connection: "env:{{variable}}", container: {{container}}, prefix: shop, pattern: "**/*.csv" }
            """);
        var workspace = WorkspaceLoader.Load(folder.Path);
        using var store = new LocalStore();
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddServerless(workspace).AddSingleton(store.Records).AddSingleton(store.Objects).AddSingleton(store.Queue)
            .AddAzureSources().BuildServiceProvider();
        var dataset = workspace.Dataset("orders");
        return await services.GetServices<ISourceReader>().Single(r => r.Kind == "container").FetchAsync(new FetchRequest
        {
            Dataset = dataset, Source = dataset.Sources[0], Run = "pull-20260301000000-test", AskedAt = DateTimeOffset.UnixEpoch, Mark = new SourceMark(), Files = files,
            Folder = Directory.CreateDirectory(folder[IdSource.System.Next(6)]).FullName,
        }, CancellationToken.None);
    }
}
