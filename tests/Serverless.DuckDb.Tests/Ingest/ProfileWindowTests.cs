using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Storage;

namespace Serverless.DuckDb.Tests.Ingest;

/// <summary>Profiles of windows, merged from those of the partitions.</summary>
public sealed class ProfileWindowTests : IDisposable
{
    private readonly IngestFixture test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public async Task Merge_OfDays_IsTheProfileOfTheirRowsTogether()
    {
        await test.IngestAsync("a.csv", Rows(40, 50));
        var profiles = test.Get<IDatasetProfiles>();
        var partitions = await test.History.PartitionsAsync("flights");
        partitions.Count.ShouldBe(40);

        var merged = (await profiles.MergeAsync("flights", partitions)).ToProfile();

        var together = await ReadTogetherAsync(partitions);
        Json(merged).ShouldBe(Json(together));
        Json(await test.Get<IDatasetInspector>().ProfileAsync("flights")).ShouldBe(Json(together));
    }

    [Fact]
    public async Task By_WeekAndMonth_GroupsTheCalendar()
    {
        await test.IngestAsync("a.csv", Rows(40, 5));
        var profiles = test.Get<IDatasetProfiles>();

        // 2001-01-01 is a Monday: forty days are five weeks and five days.
        var weeks = await profiles.ByAsync("flights", new PartitionQuery(), ProfileGrain.Week);
        weeks.Select(w => (w.Period, w.Partitions, w.State.Rows)).ShouldBe([("2001-W01", 7, 35L), ("2001-W02", 7, 35), ("2001-W03", 7, 35), ("2001-W04", 7, 35), ("2001-W05", 7, 35), ("2001-W06", 5, 25)]);
        var months = await profiles.ByAsync("flights", new PartitionQuery(), ProfileGrain.Month);
        months.Select(m => (m.Period, m.Partitions, m.State.Rows)).ShouldBe([("2001-01", 31, 155L), ("2001-02", 9, 45)]);
        (await profiles.ByAsync("flights", new PartitionQuery { From = new DateTimeOffset(2001, 1, 30, 0, 0, 0, TimeSpan.Zero) }, ProfileGrain.Day))
            .Select(d => d.Period).First().ShouldBe("2001-01-30");
    }

    [Fact]
    public async Task Merge_ProfileOfVersion1_IsMadeAgainFromTheRows()
    {
        await test.IngestAsync("a.csv", Rows(3, 20));
        var partitions = await test.History.PartitionsAsync("flights");
        var expected = Json((await test.Get<IDatasetProfiles>().MergeAsync("flights", partitions)).ToProfile());
        await RewriteAsync(partitions[1], json =>
        {
            json["schemaVersion"] = 1;
            json.Remove("states");
        });

        Json((await test.Get<IDatasetProfiles>().MergeAsync("flights", partitions)).ToProfile()).ShouldBe(expected);
        (await test.Get<IDatasetProfiles>().OfAsync("flights", partitions[1])).State.ShouldNotBeNull();
        var old = StoredProfile.Read(await BytesAsync(partitions[1]), "p");
        (old.SchemaVersion, old.Rows, old.Columns[1].Name, old.State).ShouldBe((1, 20, "delay", null));
    }

    [Fact]
    public async Task Merge_ProfileOfANewerVersion_SaysSo()
    {
        await test.IngestAsync("a.csv", Rows(2, 5));
        var partitions = await test.History.PartitionsAsync("flights");
        await RewriteAsync(partitions[1], json => json["schemaVersion"] = 3);
        var path = Path.ChangeExtension(partitions[1].Entry.Path, ".profile.json");

        var expected = $"profile '{path}' has schemaVersion 3; this program knows up to 2. A newer program wrote it: update this one.";
        (await Should.ThrowAsync<DataException>(() => test.Get<IDatasetProfiles>().MergeAsync("flights", partitions))).Message.ShouldBe(expected);
        (await Should.ThrowAsync<DataException>(() => test.Get<IDatasetProfiles>().OfAsync("flights", partitions[1]))).Message.ShouldBe(expected);
    }

    [Theory, InlineData("{}"), InlineData("not json"), InlineData("{\"schemaVersion\":2,\"rows\":1,\"columns\":[],\"states\":[\"AAAA\"]}"), InlineData("{\"schemaVersion\":2,\"rows\":1,\"states\":[7]}")]
    public async Task Merge_DamagedProfile_SaysSo(string content)
    {
        await test.IngestAsync("a.csv", Rows(1, 5));
        var partitions = await test.History.PartitionsAsync("flights");
        await test.Objects.PutAsync(Path.ChangeExtension(partitions[0].Entry.Path, ".profile.json"), new MemoryStream(Encoding.UTF8.GetBytes(content)));
        (await Should.ThrowAsync<DataException>(() => test.Get<IDatasetProfiles>().MergeAsync("flights", partitions))).Message.ShouldContain("damaged");
    }

    [Fact]
    public async Task Merge_TypesOfAnotherContract_AreReadUnderTodays()
    {
        await test.IngestAsync("a.csv", Rows(2, 10));
        var partitions = await test.History.PartitionsAsync("flights");
        var changed = EngineFixture.Flights with
        {
            Columns = [.. EngineFixture.Flights.Columns.Select(c => c.Name == "delay" ? c with { Type = ColumnType.Number } : c), new ColumnDefinition { Name = "late", Type = ColumnType.Boolean }],
        };
        await using var services = test.Services(changed).AddSingleton(test.Get<IDataEngine>()).BuildServiceProvider();
        var profile = (await services.GetRequiredService<IDatasetProfiles>().MergeAsync("flights", partitions)).ToProfile();

        profile.Columns.Select(c => c.Type).ShouldBe(["timestamp", "number", "integer", "string", "string", "boolean"]);
        profile.Columns[5].Nulls.ShouldBe(20);
        profile.Columns[1].Distinct.ShouldBe(5);
    }

    [Fact]
    public async Task Stored_ProfileJson_IsReadableAndSmall()
    {
        await test.IngestAsync("a.csv", Rows(1, 2_000));
        var bytes = await BytesAsync((await test.History.PartitionsAsync("flights"))[0]);
        using var json = JsonDocument.Parse(bytes);
        json.RootElement.GetProperty("schemaVersion").GetInt32().ShouldBe(2);
        var delay = json.RootElement.GetProperty("columns")[1];
        delay.GetProperty("quantiles").GetProperty("0.5").GetDouble().ShouldBe(2);
        delay.GetProperty("histogram").GetProperty("counts").EnumerateArray().Sum(c => c.GetInt64()).ShouldBe(2_000);
        json.RootElement.GetProperty("states").GetArrayLength().ShouldBe(5);
        bytes.Length.ShouldBeLessThan(12_000);
    }

    private static string Rows(int days, int perDay) => IngestFixture.Header + string.Concat(Enumerable.Range(0, days).SelectMany(d => Enumerable.Range(0, perDay).Select(i =>
        $"{new DateTime(2001, 1, 1).AddDays(d):yyyy-MM-dd} 12:00:00,{(i % 5) + (d / 50)},{100 + ((i * 7) % 300)},{"ABC"[i % 3]}EA,LAX\n")));

    private async Task<Profile> ReadTogetherAsync(IReadOnlyList<PartitionRecord> partitions)
    {
        var files = new List<LocalObject>();
        foreach (var partition in partitions) files.Add(await test.Objects.MaterialiseAsync(partition.Entry.Path));
        var inspection = await test.Get<IDataEngine>().InspectAsync([.. files.Select(f => f.Path)], EngineFixture.Flights);
        files.ForEach(f => f.Dispose());
        return inspection.Profile;
    }

    private async Task RewriteAsync(PartitionRecord partition, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(await BytesAsync(partition))!.AsObject();
        change(json);
        await test.Objects.PutAsync(Path.ChangeExtension(partition.Entry.Path, ".profile.json"), new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString())));
    }

    private async Task<byte[]> BytesAsync(PartitionRecord partition)
    {
        await using var stream = await test.Objects.OpenReadAsync(Path.ChangeExtension(partition.Entry.Path, ".profile.json"));
        using var bytes = new MemoryStream();
        await stream!.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static string Json(Profile profile) => JsonSerializer.Serialize(profile with { States = null }, ServerlessJson.Indented);
}
