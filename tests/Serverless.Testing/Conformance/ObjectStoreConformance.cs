using System.Security.Cryptography;
using Serverless.Problems;
using Serverless.Storage;
using Shouldly;
using Xunit;

namespace Serverless.Testing.Conformance;

/// <summary>What every object store does. A test class derives from it for each adapter.</summary>
public abstract class ObjectStoreConformance
{
    // Below a folder of its own, so that tests may share a store.
    protected string Root { get; } = "data/conformance-" + IdSource.System.Next(10);

    /// <summary>The store, or a skip with the reason.</summary>
    protected abstract IObjectStore Store { get; }

    [SkippableFact]
    public async Task PutIfAbsent_NewKey_IsReadBack()
    {
        var put = await Store.PutIfAbsentAsync($"{Root}/a.txt", ObjectText.Of("one"));
        put.ShouldNotBeNull();
        put.Key.ShouldBe($"{Root}/a.txt");
        put.Size.ShouldBe(3);
        (await Store.ReadTextAsync(put.Key)).ShouldBe("one");
        (await Store.HeadAsync(put.Key)).ShouldBe(put);
    }

    [SkippableFact]
    public async Task PutIfAbsent_ExistingKey_LeavesItAsItWas()
    {
        var first = await Store.PutAsync($"{Root}/a", ObjectText.Of("one"));
        (await Store.PutIfAbsentAsync($"{Root}/a", ObjectText.Of("two"))).ShouldBeNull();
        (await Store.ReadTextAsync($"{Root}/a")).ShouldBe("one");
        (await Store.HeadAsync($"{Root}/a")).ShouldBe(first);
    }

    [SkippableFact]
    public async Task PutAllIfAbsent_SomeNewSomeExisting_WritesTheNewAndLeavesTheOthers()
    {
        var first = await Store.PutAsync($"{Root}/all/b", ObjectText.Of("one"));
        var large = new string('x', 300_000);
        NewObject New(string name, string text) => new($"{Root}/all/{name}", () => ObjectText.Of(text));
        var put = await Store.PutAllIfAbsentAsync([New("a", "A"), New("b", "B"), New("deep/er/c", large), New("empty", "")]);
        put.Select(p => p?.Key).ShouldBe([$"{Root}/all/a", null, $"{Root}/all/deep/er/c", $"{Root}/all/empty"]);
        (await Store.ReadTextAsync($"{Root}/all/a")).ShouldBe("A");
        (await Store.HeadAsync($"{Root}/all/b")).ShouldBe(first);
        (await Store.ReadTextAsync($"{Root}/all/deep/er/c")).ShouldBe(large);
        (await Store.HeadAsync($"{Root}/all/a")).ShouldBe(put[0]);
        put[3]!.Size.ShouldBe(0);
        (await Store.PutAllIfAbsentAsync([])).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task PutAllIfAbsent_FourWritersOfTheSameHundred_EachObjectHasOneWinner()
    {
        NewObject[] Hundred(int writer) => [.. Enumerable.Range(0, 100).Select(i => new NewObject($"{Root}/hundred/{i % 7}/{i}", () => ObjectText.Of(new string((char)('a' + writer), 900))))];
        var put = await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(() => Store.PutAllIfAbsentAsync(Hundred(w)))));
        for (var i = 0; i < 100; i++)
        {
            var winner = Enumerable.Range(0, 4).Where(w => put[w][i] is not null).ShouldHaveSingleItem();
            (await Store.ReadTextAsync($"{Root}/hundred/{i % 7}/{i}")).ShouldBe(new string((char)('a' + winner), 900));
        }
    }

    [SkippableFact]
    public async Task PutAllIfAbsent_FileThatIsThere_IsTheSameObjectAfterTheFileIsGone()
    {
        using var folder = new TempFolder();
        var path = folder.Write("a.txt", "from a file");
        var put = await Store.PutAllIfAbsentAsync([NewObject.File($"{Root}/file/a", path)]);
        File.Delete(path);
        (await Store.ReadTextAsync($"{Root}/file/a")).ShouldBe("from a file");
        (await Store.HeadAsync($"{Root}/file/a")).ShouldBe(put[0]);
        put[0]!.Size.ShouldBe(11);
    }

    [SkippableFact]
    public async Task PutAllIfAbsent_ContentThatFails_NoObjectIsHalfThere()
    {
        await Should.ThrowAsync<InvalidDataException>(() => Store.PutAllIfAbsentAsync(
            [new($"{Root}/fails/a", () => ObjectText.Of("A")), new($"{Root}/fails/b", () => throw new InvalidDataException("broken"))]));
        (await Store.HeadAsync($"{Root}/fails/b")).ShouldBeNull();
        if (await Store.HeadAsync($"{Root}/fails/a") is not null) (await Store.ReadTextAsync($"{Root}/fails/a")).ShouldBe("A");
    }

    [SkippableFact]
    public async Task PutIfAbsent_EightAtOnce_ExactlyOneWins()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = $"{Root}/race-{round}";
            var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
                (Writer: i, Info: await Store.PutIfAbsentAsync(key, ObjectText.Of(new string((char)('a' + i), 5000)))))));
            var winner = won.Where(w => w.Info is not null).ShouldHaveSingleItem();
            (await Store.ReadTextAsync(key)).ShouldBe(new string((char)('a' + winner.Writer), 5000));
            (await Store.HeadAsync(key)).ShouldBe(winner.Info);
        }
    }

    [SkippableFact]
    public async Task Put_ExistingKey_ReplacesContentAndETag()
    {
        var first = await Store.PutAsync($"{Root}/a", ObjectText.Of("one"));
        var second = await Store.PutAsync($"{Root}/a", ObjectText.Of("two"));
        second.ETag.ShouldNotBe(first.ETag);
        second.Modified.ShouldBeGreaterThanOrEqualTo(first.Modified);
        (await Store.ReadTextAsync($"{Root}/a")).ShouldBe("two");
    }

    [SkippableFact]
    public async Task Put_SameSizeInQuickSuccession_ETagChangesEachTime()
    {
        var etags = new HashSet<string>();
        for (var i = 0; i < 100; i++) etags.Add((await Store.PutAsync($"{Root}/a", ObjectText.Of($"{i:d3}"))).ETag).ShouldBeTrue();
        etags.ShouldContain((await Store.HeadAsync($"{Root}/a"))!.ETag);
    }

    [SkippableFact]
    public async Task Replace_WithPresentETag_Replaces()
    {
        var first = await Store.PutAsync($"{Root}/a", ObjectText.Of("one"));
        var second = await Store.ReplaceAsync($"{Root}/a", ObjectText.Of("two"), first.ETag);
        second.ShouldNotBeNull();
        second.ETag.ShouldNotBe(first.ETag);
        (await Store.ReadTextAsync($"{Root}/a")).ShouldBe("two");
    }

    [SkippableFact]
    public async Task Replace_WithOldETagOrMissing_ChangesNothing()
    {
        var first = await Store.PutAsync($"{Root}/a", ObjectText.Of("one"));
        await Store.PutAsync($"{Root}/a", ObjectText.Of("two"));
        (await Store.ReplaceAsync($"{Root}/a", ObjectText.Of("three"), first.ETag)).ShouldBeNull();
        (await Store.ReadTextAsync($"{Root}/a")).ShouldBe("two");
        (await Store.ReplaceAsync($"{Root}/missing", ObjectText.Of("three"), first.ETag)).ShouldBeNull();
        (await Store.HeadAsync($"{Root}/missing")).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Replace_EightCounting_SumIsExact()
    {
        var key = $"{Root}/counter";
        await Store.PutAsync(key, ObjectText.Of("0"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 5;)
            {
                var etag = (await Store.HeadAsync(key))!.ETag;
                var value = int.Parse((await Store.ReadTextAsync(key))!);
                if (await Store.ReplaceAsync(key, ObjectText.Of($"{value + 1}"), etag) is not null) done++;
            }
        })));
        (await Store.ReadTextAsync(key)).ShouldBe("40");
    }

    [SkippableFact]
    public async Task MissingKey_EveryReader_SaysSo()
    {
        (await Store.HeadAsync($"{Root}/none")).ShouldBeNull();
        (await Store.OpenReadAsync($"{Root}/none")).ShouldBeNull();
        (await Store.DeleteAsync($"{Root}/none")).ShouldBeFalse();
        (await Should.ThrowAsync<ObjectMissingException>(() => Store.MaterialiseAsync($"{Root}/none"))).Key.ShouldBe($"{Root}/none");
    }

    [SkippableFact]
    public async Task Delete_Existing_IsGoneAndMayComeBack()
    {
        var first = await Store.PutAsync($"{Root}/a", ObjectText.Of("one"));
        (await Store.DeleteAsync($"{Root}/a")).ShouldBeTrue();
        (await Store.HeadAsync($"{Root}/a")).ShouldBeNull();
        (await Store.KeysAsync(Root)).ShouldBeEmpty();
        (await Store.PutIfAbsentAsync($"{Root}/a", ObjectText.Of("one")))!.ETag.ShouldNotBe(first.ETag);
    }

    [SkippableFact]
    public async Task Put_Empty_IsAnObjectOfNoBytes()
    {
        (await Store.PutIfAbsentAsync($"{Root}/empty", ObjectText.Of("")))!.Size.ShouldBe(0);
        (await Store.ReadTextAsync($"{Root}/empty")).ShouldBe("");
        using var local = await Store.MaterialiseAsync($"{Root}/empty");
        new FileInfo(local.Path).Length.ShouldBe(0);
    }

    [SkippableFact]
    public async Task Put_TwentyMegabytesUnseekable_ComeBackByteForByte()
    {
        var bytes = new byte[20_000_000];
        new Random(7).NextBytes(bytes);
        var put = await Store.PutIfAbsentAsync($"{Root}/large", new OneWayStream(bytes));
        put!.Size.ShouldBe(bytes.Length);
        await using var stream = await Store.OpenReadAsync($"{Root}/large");
        (await SHA256.HashDataAsync(stream!)).ShouldBe(SHA256.HashData(bytes));
        using var local = await Store.MaterialiseAsync($"{Root}/large");
        local.Info.ShouldBe(put);
        SHA256.HashData(await File.ReadAllBytesAsync(local.Path)).ShouldBe(SHA256.HashData(bytes));
        (await Store.PutIfAbsentAsync($"{Root}/large", new OneWayStream(bytes))).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Put_StreamThatBreaks_LeavesNothing()
    {
        await Should.ThrowAsync<EndOfStreamException>(() => Store.PutIfAbsentAsync($"{Root}/broken", new OneWayStream(new byte[6_000_000], breaksAt: 5_000_000)));
        await Should.ThrowAsync<EndOfStreamException>(() => Store.PutAsync($"{Root}/broken", new OneWayStream(new byte[6_000_000], breaksAt: 5_000_000)));
        (await Store.HeadAsync($"{Root}/broken")).ShouldBeNull();
        (await Store.KeysAsync(Root)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Materialise_AfterReplace_HasTheNewContent()
    {
        await Store.PutAsync($"{Root}/a.parquet", ObjectText.Of("one"));
        using (var local = await Store.MaterialiseAsync($"{Root}/a.parquet")) (await File.ReadAllTextAsync(local.Path)).ShouldBe("one");
        await Store.PutAsync($"{Root}/a.parquet", ObjectText.Of("two"));
        using var again = await Store.MaterialiseAsync($"{Root}/a.parquet");
        (await File.ReadAllTextAsync(again.Path)).ShouldBe("two");
        Path.GetExtension(again.Path).ShouldBe(".parquet");
    }

    [SkippableTheory]
    [InlineData("with space.csv"), InlineData("Größe-日本.csv"), InlineData("dots.in.name..gz"), InlineData("year=2001/month=01/a+b%20c.parquet")]
    [InlineData("_history/0000000001.json"), InlineData("a'b\"c&d=e.txt"), InlineData(".hidden"), InlineData("~tilde,comma;(x)[y]{z}")]
    public async Task Put_UnusualKey_IsListedAndReadUnderIt(string name)
    {
        var key = $"{Root}/{name}";
        (await Store.PutIfAbsentAsync(key, ObjectText.Of(name)))!.Key.ShouldBe(key);
        (await Store.ReadTextAsync(key)).ShouldBe(name);
        (await Store.KeysAsync($"{Root}/")).ShouldBe([key]);
        (await Store.PutIfAbsentAsync(key, ObjectText.Of("again"))).ShouldBeNull();
    }

    [SkippableTheory]
    [InlineData(""), InlineData("/data/a"), InlineData("data/../a"), InlineData("data/a/.."), InlineData("../x"), InlineData("data//a"), InlineData("data/a/")]
    [InlineData("data/./a"), InlineData("data\\a"), InlineData("data/a\nb"), InlineData("data/a\0b"), InlineData("data/a."), InlineData("data"), InlineData("elsewhere/a")]
    public async Task AnyCall_BadKey_IsRefusedWithTheReason(string key)
    {
        foreach (var call in new Func<Task>[]
        {
            () => Store.HeadAsync(key), () => Store.OpenReadAsync(key), () => Store.PutAsync(key, ObjectText.Of("x")), () => Store.PutIfAbsentAsync(key, ObjectText.Of("x")),
            () => Store.ReplaceAsync(key, ObjectText.Of("x"), "e"), () => Store.DeleteAsync(key), () => Store.MaterialiseAsync(key),
        })
        {
            (await Should.ThrowAsync<RequestException>(call)).Message.ShouldStartWith("object key '");
        }
    }

    [SkippableFact]
    public async Task List_ManyFolders_IsInOrdinalOrderOfWholeKeys()
    {
        string[] names = ["b", "a/x", "a/b/c", "a-b", "a.b", "a/b-c", "ab", "A", "a/b/a", "é", "a b", "_a", "a=1/b", "10", "9"];
        foreach (var name in names) await Store.PutAsync($"{Root}/{name}", ObjectText.Of(name));
        (await Store.KeysAsync($"{Root}/")).ShouldBe(names.Order(StringComparer.Ordinal).Select(n => $"{Root}/{n}"));
    }

    [SkippableFact]
    public async Task List_PrefixInsideAName_Matches()
    {
        foreach (var name in new[] { "flights/a", "flights/b/c", "flight", "flora/x", "g" }) await Store.PutAsync($"{Root}/{name}", ObjectText.Of(name));
        (await Store.KeysAsync($"{Root}/fl")).Count.ShouldBe(4);
        (await Store.KeysAsync($"{Root}/flights/")).ShouldBe([$"{Root}/flights/a", $"{Root}/flights/b/c"]);
        (await Store.KeysAsync($"{Root}/flights/b/c")).ShouldBe([$"{Root}/flights/b/c"]);
        (await Store.KeysAsync($"{Root}/none/")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task List_After_BeginsBehindIt()
    {
        foreach (var name in new[] { "a/1", "a/2", "b", "b/1".Replace('/', '-'), "c/x/y" }) await Store.PutAsync($"{Root}/{name}", ObjectText.Of(name));
        var all = await Store.KeysAsync($"{Root}/");
        for (var i = 0; i < all.Count; i++) (await Store.KeysAsync($"{Root}/", after: all[i])).ShouldBe(all.Skip(i + 1));
        (await Store.KeysAsync($"{Root}/", after: $"{Root}/a/11")).ShouldBe(all.Skip(1));
    }

    [SkippableTheory]
    [InlineData(""), InlineData("nowhere/"), InlineData("data/../x"), InlineData("dat"), InlineData("data//x")]
    public async Task List_BadPrefix_IsRefused(string prefix) =>
        (await Should.ThrowAsync<RequestException>(() => Store.KeysAsync(prefix))).Message.ShouldStartWith("prefix '");
}
