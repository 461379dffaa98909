using Serverless.Problems;
using Serverless.Storage;
using Shouldly;
using Xunit;

namespace Serverless.Testing.Conformance;

/// <summary>What every record store does. A test class derives from it for each adapter.</summary>
public abstract class RecordStoreConformance
{
    private const string Table = StoreNames.Tables.Decisions;

    // A partition of its own, so that tests may share a store.
    private readonly string partition = "p-" + IdSource.System.Next(10);

    protected abstract IRecordStore Store { get; }

    [SkippableFact]
    public async Task Insert_New_IsReadBack()
    {
        var etag = await Store.InsertAsync(Table, partition, "a", """{"x":1}""");
        etag.ShouldNotBeNull();
        (await Store.GetAsync(Table, partition, "a")).ShouldBe(new StoredRecord(Table, partition, "a", """{"x":1}""", etag));
        (await Store.GetAsync(Table, partition, "b")).ShouldBeNull();
        (await Store.GetAsync(StoreNames.Tables.Runs, partition, "a")).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Insert_Existing_LeavesItAsItWas()
    {
        var etag = await Store.InsertAsync(Table, partition, "a", "1");
        (await Store.InsertAsync(Table, partition, "a", "2")).ShouldBeNull();
        (await Store.GetAsync(Table, partition, "a")).ShouldBe(new StoredRecord(Table, partition, "a", "1", etag!));
    }

    [SkippableFact]
    public async Task Insert_EightAtOnce_ExactlyOneWins()
    {
        for (var round = 0; round < 5; round++)
        {
            var row = $"race-{round}";
            var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => (Writer: i, ETag: await Store.InsertAsync(Table, partition, row, $"{i}")))));
            var winner = won.Where(w => w.ETag is not null).ShouldHaveSingleItem();
            (await Store.GetAsync(Table, partition, row))!.Json.ShouldBe($"{winner.Writer}");
        }
    }

    [SkippableFact]
    public async Task Replace_WithPresentETag_Replaces()
    {
        var first = (await Store.InsertAsync(Table, partition, "a", "1"))!;
        var second = await Store.ReplaceAsync(Table, partition, "a", "2", first);
        second.ShouldNotBeNull();
        second.ShouldNotBe(first);
        (await Store.GetAsync(Table, partition, "a")).ShouldBe(new StoredRecord(Table, partition, "a", "2", second));
    }

    [SkippableFact]
    public async Task Replace_WithOldETagOrMissing_ChangesNothing()
    {
        var first = (await Store.InsertAsync(Table, partition, "a", "1"))!;
        await Store.ReplaceAsync(Table, partition, "a", "2", first);
        (await Store.ReplaceAsync(Table, partition, "a", "3", first)).ShouldBeNull();
        (await Store.GetAsync(Table, partition, "a"))!.Json.ShouldBe("2");
        (await Store.ReplaceAsync(Table, partition, "none", "3", first)).ShouldBeNull();
        (await Store.GetAsync(Table, partition, "none")).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Replace_EightCounting_SumIsExact()
    {
        await Store.InsertAsync(Table, partition, "counter", "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 10;)
            {
                var record = (await Store.GetAsync(Table, partition, "counter"))!;
                if (await Store.ReplaceAsync(Table, partition, "counter", $"{int.Parse(record.Json) + 1}", record.ETag) is not null) done++;
            }
        })));
        (await Store.GetAsync(Table, partition, "counter"))!.Json.ShouldBe("80");
    }

    [SkippableFact]
    public async Task Upsert_NewAndExisting_Writes()
    {
        var first = await Store.UpsertAsync(Table, partition, "a", "1");
        var second = await Store.UpsertAsync(Table, partition, "a", "2");
        second.ShouldNotBe(first);
        (await Store.GetAsync(Table, partition, "a")).ShouldBe(new StoredRecord(Table, partition, "a", "2", second));
    }

    [SkippableFact]
    public async Task Delete_WithOrWithoutETag_DeletesOnlyWhatItMeans()
    {
        var first = (await Store.InsertAsync(Table, partition, "a", "1"))!;
        var second = (await Store.ReplaceAsync(Table, partition, "a", "2", first))!;
        (await Store.DeleteAsync(Table, partition, "a", first)).ShouldBeFalse();
        (await Store.GetAsync(Table, partition, "a")).ShouldNotBeNull();
        (await Store.DeleteAsync(Table, partition, "a", second)).ShouldBeTrue();
        (await Store.DeleteAsync(Table, partition, "a")).ShouldBeFalse();
        var again = await Store.InsertAsync(Table, partition, "a", "1");
        again.ShouldNotBe(first);
        (await Store.DeleteAsync(Table, partition, "a")).ShouldBeTrue();
        (await Store.GetAsync(Table, partition, "a")).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Json_LongAndUnusual_ComesBackCharForChar()
    {
        // Longer than one property of an Azure table may be, with pairs of surrogates wherever it is cut.
        var json = "\"" + string.Concat(Enumerable.Repeat("é日😀\\u0007 ' \\\" ", 12_000)) + "\"";
        await Store.InsertAsync(Table, partition, "long", json);
        (await Store.GetAsync(Table, partition, "long"))!.Json.ShouldBe(json);
        var pairs = string.Concat(Enumerable.Repeat("😀", 50_001));
        var etag = await Store.UpsertAsync(Table, partition, "long", pairs);
        (await Store.GetAsync(Table, partition, "long"))!.Json.ShouldBe(pairs);
        (await Store.ReplaceAsync(Table, partition, "long", "", etag)).ShouldNotBeNull();
        (await Store.GetAsync(Table, partition, "long"))!.Json.ShouldBe("");
    }

    [SkippableFact]
    public async Task Json_OverTheLimit_IsRefused() =>
        (await Should.ThrowAsync<RequestException>(() => Store.InsertAsync(Table, partition, "huge", new string('x', RecordKey.MaxJson + 1))))
            .Message.ShouldContain("at most 500000 are allowed");

    [SkippableFact]
    public async Task Json_AtTheLimit_IsStored()
    {
        await Store.InsertAsync(Table, partition, "limit", new string('x', RecordKey.MaxJson));
        (await Store.GetAsync(Table, partition, "limit"))!.Json.Length.ShouldBe(RecordKey.MaxJson);
    }

    [SkippableFact]
    public async Task Query_MoreThanAThousandRows_AllInOrdinalOrder()
    {
        var rows = Enumerable.Range(0, 1203).Select(i => $"{i:d5}").ToArray();
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (row, _) => await Store.InsertAsync(Table, partition, row, row));
        await Store.InsertAsync(Table, partition + "0", "99999", "of another partition");
        (await RowsAsync()).ShouldBe(rows);
        (await RowsAsync(after: "01100")).ShouldBe(rows.Skip(1101));
    }

    [SkippableFact]
    public async Task Query_PrefixAndAfter_LimitTheRows()
    {
        string[] rows = ["a", "a-1", "a-2", "a-20", "A-2", "ab", "b", "a 1", "a'b", "a%", "a_", "aé"];
        foreach (var row in rows) await Store.InsertAsync(Table, partition, row, "1");
        var sorted = rows.Order(StringComparer.Ordinal).ToArray();
        (await RowsAsync()).ShouldBe(sorted);
        (await RowsAsync(prefix: "a")).ShouldBe(sorted.Where(r => r.StartsWith('a')));
        (await RowsAsync(prefix: "a-")).ShouldBe(["a-1", "a-2", "a-20"]);
        (await RowsAsync(prefix: "a'")).ShouldBe(["a'b"]);
        (await RowsAsync(prefix: "a%")).ShouldBe(["a%"]);
        (await RowsAsync(after: "a-2", prefix: "a-")).ShouldBe(["a-20"]);
        (await RowsAsync(after: "b")).ShouldBeEmpty();
        (await RowsAsync(prefix: "zz")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Partitions_SeveralWithManyRows_EachOnceInOrder()
    {
        foreach (var part in new[] { "-b", "-a", "-é" })
        {
            for (var i = 0; i < 3; i++) await Store.InsertAsync(Table, partition + part, $"{i}", "1");
        }

        var found = new List<string>();
        await foreach (var part in Store.PartitionsAsync(Table)) found.Add(part);
        found.Where(p => p.StartsWith(partition, StringComparison.Ordinal)).ShouldBe([partition + "-a", partition + "-b", partition + "-é"]);
        found.ShouldBe(found.Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData("with space"), InlineData("Größe 日本"), InlineData("a=b&c;d:e@f$g,h"), InlineData("o'neill"), InlineData("dots..."), InlineData("100%25"), InlineData("\"quoted\"")]
    public async Task Keys_Unusual_AreKept(string key)
    {
        var etag = await Store.InsertAsync(Table, partition + key, key, "1");
        etag = await Store.ReplaceAsync(Table, partition + key, key, "2", etag!);
        (await Store.GetAsync(Table, partition + key, key)).ShouldBe(new StoredRecord(Table, partition + key, key, "2", etag!));
        (await Store.DeleteAsync(Table, partition + key, key, etag)).ShouldBeTrue();
    }

    [SkippableTheory]
    [InlineData(""), InlineData("a/b"), InlineData("a\\b"), InlineData("a#b"), InlineData("a?b"), InlineData("a\nb"), InlineData("a\u0085b")]
    public async Task Keys_NotAllowed_AreRefusedWithTheReason(string key)
    {
        (await Should.ThrowAsync<RequestException>(() => Store.InsertAsync(Table, partition, key, "1"))).Message.ShouldStartWith("row key '");
        (await Should.ThrowAsync<RequestException>(() => Store.GetAsync(Table, key, "a"))).Message.ShouldStartWith("partition key '");
    }

    [SkippableFact]
    public async Task Table_Unknown_IsRefusedWithTheNearestName() =>
        (await Should.ThrowAsync<RequestException>(() => Store.GetAsync("run", "a", "b"))).Message.ShouldBe("'run' is not a table. Did you mean 'runs'?");

    private async Task<List<string>> RowsAsync(string? after = null, string? prefix = null)
    {
        var rows = new List<string>();
        await foreach (var record in Store.QueryAsync(Table, partition, after, prefix)) rows.Add(record.Row);
        return rows;
    }
}
