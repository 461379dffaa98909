using Serverless.Problems;
using Serverless.Registry;
using Serverless.Testing;

namespace Serverless.Core.Tests.Registry;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly RegistryFixture fixture = new();

    private ModelRegistry Registry => fixture.Registry;

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task RegisterAsync_First_IsVersionOneWithItsObjects()
    {
        (await fixture.AddAsync("train-1")).ShouldBe(1);
        var version = (await Registry.VersionsAsync("late")).ShouldHaveSingleItem();
        version.Status.ShouldBe(VersionStatus.Registered);
        version.CreatedAt.ShouldBe(fixture.Time.GetUtcNow());
        version.Lineage.Partitions.ShouldBe(["a", "b"]);
        (await Registry.ModelsAsync()).ShouldBe(["late"]);
        (await fixture.Store.Objects.KeysAsync("models/")).ShouldBe(["models/late/1/manifest.json", "models/late/1/model.zip", "models/late/1/signature.json"]);
    }

    [Fact]
    public async Task RegisterAsync_SameRunAgain_GivesTheSameVersion()
    {
        (await fixture.AddAsync("train-1")).ShouldBe(1);
        (await fixture.AddAsync("train-2")).ShouldBe(2);
        (await fixture.AddAsync("train-1")).ShouldBe(1);
        (await Registry.VersionsAsync("late")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task RegisterAsync_EightAtOnce_GetConsecutiveNumbers()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => fixture.AddAsync($"train-{i}"))));
        versions.Order().ShouldBe(Enumerable.Range(1, 8));
        (await Registry.VersionsAsync("late")).Select(v => v.Version).ShouldBe(Enumerable.Range(1, 8));
    }

    [Fact]
    public async Task RegisterAsync_EightTimesTheSameRunAtOnce_IsOneVersion()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => fixture.AddAsync("train-1"))));
        versions.Distinct().ShouldBe([1]);
        (await Registry.VersionsAsync("late")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task LoadAsync_Registered_Answers()
    {
        await fixture.AddAsync("train-1", value: 0.25);
        var pipeline = await Registry.LoadAsync("late", 1);
        var outputs = new double[1];
        pipeline.Score(new Serverless.Datasets.RawRow(0), [], outputs);
        (pipeline.Model, pipeline.Version, outputs[0]).ShouldBe(("late", 1, 0.25));
    }

    [Fact]
    public async Task LoadAsync_ChangedBytes_SaysDamaged()
    {
        await fixture.AddAsync("train-1");
        await fixture.Store.Objects.PutAsync("models/late/1/model.zip", new MemoryStream(RegistryFixture.Candidate("other", value: 0.9).Artefact));
        (await Should.ThrowAsync<DataException>(() => Registry.LoadAsync("late", 1))).Message.ShouldStartWith("version 1 of model 'late' is damaged: 'models/late/1/model.zip' has SHA-256");
    }

    [Fact]
    public async Task LoadAsync_ObjectGone_SaysMissing()
    {
        await fixture.AddAsync("train-1");
        await fixture.Store.Objects.DeleteAsync("models/late/1/model.zip");
        (await Should.ThrowAsync<DataException>(() => Registry.LoadAsync("late", 1))).Message.ShouldBe("version 1 of model 'late' is missing: the store has no 'models/late/1/model.zip'");
        (await Should.ThrowAsync<DataException>(() => Registry.LoadAsync("late", 2))).Message.ShouldBe("version 2 of model 'late' does not exist");
    }

    [Fact]
    public async Task FindAsync_NewerSchemaVersion_SaysToUpdate()
    {
        await fixture.AddAsync("train-1");
        await fixture.Store.Records.UpsertAsync("versions", "late", "0000000001", """{"schemaVersion":9,"run":"x"}""");
        (await Should.ThrowAsync<EnvironmentException>(() => Registry.FindAsync("late", 1))).Message.ShouldBe(
            "version 1 of model 'late' has schemaVersion 9; this program knows up to 1: the store was written by a newer version, update this one");
    }

    [Fact]
    public async Task ListAsync_OneRecordOfANewerVersion_ShowsTheRestAndSaysWhich()
    {
        for (var i = 1; i <= 3; i++) await fixture.AddAsync($"train-{i}");
        await Registry.PromoteAsync("late", 1, "a", "");
        await fixture.Store.Records.UpsertAsync("versions", "late", "0000000002", """{"schemaVersion":9,"run":"x"}""");
        await fixture.Store.Records.UpsertAsync("versions", "late", "0000000004", "no json");
        var list = await Registry.ListAsync("late");
        list.Versions.Select(v => v.Version).ShouldBe([1, 3]);
        list.Champion.ShouldBe(1);
        list.Unreadable.Select(u => (u.Model, u.Version)).ShouldBe([("late", 2), ("late", 4)]);
        list.Unreadable[0].Problem.ShouldBe("version 2 of model 'late' has schemaVersion 9; this program knows up to 1: the store was written by a newer version, update this one");
        list.Unreadable[1].Problem.ShouldStartWith("version 4 of model 'late' is damaged in the store: ");
        // The others can be decided about; who needs all of them (retention, erasure, the next number) is told.
        (await Registry.PromoteAsync("late", 3, "a", "")).From.ShouldBe(1);
        await Should.ThrowAsync<EnvironmentException>(() => Registry.PromoteAsync("late", 2, "a", ""));
        await Should.ThrowAsync<EnvironmentException>(() => Registry.VersionsAsync("late"));
        await Should.ThrowAsync<EnvironmentException>(() => fixture.AddAsync("train-5"));
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(3);
        (await fixture.Store.Records.GetAsync("versions", "late", "0000000002"))!.Json.ShouldBe("""{"schemaVersion":9,"run":"x"}""");
    }

    [Fact]
    public async Task ListAsync_AliasOfANewerVersion_ShowsTheVersionsWithoutAChampion()
    {
        await fixture.AddAsync("train-1");
        await fixture.Store.Records.UpsertAsync("aliases", "late", "champion", """{"schemaVersion":2}""");
        var list = await Registry.ListAsync("late");
        (list.Versions.Count, list.Champion).ShouldBe((1, null));
        list.Unreadable.ShouldBe([new UnreadableRecord("late", null, "the champion of model 'late' has schemaVersion 2; this program knows up to 1: the store was written by a newer version, update this one")]);
        await Should.ThrowAsync<EnvironmentException>(() => Registry.PromoteAsync("late", 1, "a", ""));
        (await fixture.Store.Records.GetAsync("aliases", "late", "champion"))!.Json.ShouldBe("""{"schemaVersion":2}""");
    }

    [Fact]
    public async Task AuditAsync_RecordsOfANewerVersion_ShowsTheOthersAndWhereOneCannotBeRead()
    {
        for (var i = 1; i <= 2; i++) await fixture.AddAsync($"train-{i}");
        await Registry.PromoteAsync("late", 1, "a", "first");
        await fixture.Store.Records.UpsertAsync("versions", "late", "0000000002", """{"schemaVersion":9,"run":"x"}""");
        await fixture.Store.Records.UpsertAsync("aliases", "late", "champion", """{"schemaVersion":2}""");
        var at = fixture.Time.GetUtcNow().AddDays(1);
        await fixture.Store.Records.InsertAsync("audit", "late", $"{at.UtcTicks:D19}-move-x", """{"schemaVersion":3,"entry":{}}""");
        var audit = await Registry.AuditAsync("late");
        audit.Select(a => $"{a.Action} {a.Version}").ShouldBe(["registered 1", "registered 2", "promoted 1", "unreadable "], ignoreOrder: true);
        (audit[^1].At, audit[^1].By).ShouldBe((at, "unknown"));
        audit[^1].Comment.ShouldContain("has schemaVersion 3; this program knows up to 1");
    }

    [Fact]
    public async Task PromoteAndRollBack_WalkBackThroughTheChampions()
    {
        for (var i = 1; i <= 3; i++)
        {
            await fixture.AddAsync($"train-{i}");
            fixture.Time.Advance(TimeSpan.FromMinutes(1));
            await Registry.PromoteAsync("late", i, "cli:alice", $"number {i}");
        }

        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        (await Registry.RollBackAsync("late", "cli:bob", "too slow")).ShouldBe(new AuditEntry("late", "rolled-back", 2, 3, "cli:bob", "too slow", fixture.Time.GetUtcNow()));
        (await Registry.RollBackAsync("late", "cli:bob", "")).Version.ShouldBe(1);
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
        (await Should.ThrowAsync<RequestException>(() => Registry.RollBackAsync("late", "cli:bob", ""))).Message.ShouldBe(
            "version 1 is the first champion of model 'late'; there is none before it to roll back to");
        (await Registry.AuditAsync("late")).Select(a => $"{a.Action} {a.From}>{a.Version}").ShouldBe(
            ["registered >1", "promoted >1", "registered >2", "promoted 1>2", "registered >3", "promoted 2>3", "rolled-back 3>2", "rolled-back 2>1"], ignoreOrder: true);
    }

    [Fact]
    public async Task PromoteAsync_EightAtOnce_OneWinsOrAllAreInTheAudit()
    {
        for (var i = 1; i <= 8; i++) await fixture.AddAsync($"train-{i}");
        var results = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(async () =>
        {
            try
            {
                await fixture.Open().PromoteAsync("late", i, "test", "");
                return "";
            }
            catch (RequestException e)
            {
                return e.Message;
            }
        })));
        var moves = (await Registry.AuditAsync("late")).Where(a => a.Action == "promoted").ToArray();
        moves.Length.ShouldBe(results.Count(r => r.Length == 0));
        moves.Length.ShouldBeGreaterThan(0);
        results.Where(r => r.Length > 0).ShouldAllBe(r => r.StartsWith("somebody else moved the champion of model 'late' meanwhile"));
        moves.Select(m => m.From).Distinct().Count().ShouldBe(moves.Length); // a chain: no two from the same version
    }

    [Fact]
    public async Task PromoteAsync_WhatCannotBe_SaysWhy()
    {
        async Task Expect(Func<Task> act, string message) => (await Should.ThrowAsync<RequestException>(act)).Message.ShouldBe(message);
        await Expect(() => Registry.PromoteAsync("late", 1, "a", ""), "model 'late' has no version yet; train it first.");
        await fixture.AddAsync("train-1", needsApproval: true);
        await Expect(() => Registry.PromoteAsync("late", 4, "a", ""), "model 'late' has no version 4; it has 1 to 1");
        await Expect(() => Registry.PromoteAsync("lat", 1, "a", ""), "model 'lat' has no version yet; train it first. Did you mean 'late'?");
        await Expect(() => Registry.PromoteAsync("late", 1, "a", ""), "version 1 of model 'late' waits for approval; approve it instead");
        await Registry.RejectAsync("late", 1, "bob", "no");
        await Expect(() => Registry.PromoteAsync("late", 1, "a", ""), "version 1 of model 'late' was rejected and cannot be promoted");
        await Expect(() => Registry.ApproveAsync("late", 1, "a", "yes"), "version 1 of model 'late' was decided already: rejected by bob at 2026-01-02 03:04 UTC (\"no\")");
        await Expect(() => Registry.RollBackAsync("late", "a", ""), "model 'late' has no champion, so there is nothing to roll back");
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBeNull();
    }

    [Fact]
    public async Task ApproveAsync_Waiting_BecomesChampion()
    {
        await fixture.AddAsync("train-1", needsApproval: true);
        (await Registry.ApproveAsync("late", 1, "cli:alice", "looks right")).Action.ShouldBe("approved");
        (await Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
        (await Registry.FindAsync("late", 1))!.Status.ShouldBe(VersionStatus.Registered);
        (await Should.ThrowAsync<RequestException>(() => Registry.PromoteAsync("late", 1, "a", ""))).Message.ShouldBe("version 1 of model 'late' is champion already");
    }
}
