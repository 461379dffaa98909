using Serverless.Problems;
using Serverless.Testing;

namespace Serverless.Local.Tests;

/// <summary>What is true of the local store only: its objects are files that people and tools see.</summary>
public sealed class LocalFilesTests : IDisposable
{
    private readonly LocalStore store = new();

    [Fact]
    public async Task Put_Key_IsTheFileOfThatName()
    {
        await store.Objects.PutAsync("data/flights/year=2001/a.parquet", ObjectText.Of("x"));
        File.ReadAllText(Path.Combine(store.Folder, "objects/data/flights/year=2001/a.parquet")).ShouldBe("x");
    }

    [Fact]
    public async Task Materialise_Object_IsTheFileItself()
    {
        await store.Objects.PutAsync("data/a.parquet", ObjectText.Of("x"));
        using (var local = await store.Objects.MaterialiseAsync("data/a.parquet")) local.Path.ShouldBe(Path.Combine(store.Folder, "objects", "data", "a.parquet"));
        (await store.Objects.ReadTextAsync("data/a.parquet")).ShouldBe("x");
    }

    [SkippableFact]
    public async Task Head_FileMovedOverByHandWithSameSizeAndTime_HasAnotherETag()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "inode numbers are read on Linux only");
        var info = await store.Objects.PutAsync("landing/flights/a.csv", ObjectText.Of("one"));
        var other = Path.Combine(store.Folder, "other");
        File.WriteAllText(other, "two");
        File.SetLastWriteTimeUtc(other, info.Modified.UtcDateTime);
        File.Move(other, Path.Combine(store.Folder, "objects/landing/flights/a.csv"), overwrite: true);
        var changed = await store.Objects.HeadAsync("landing/flights/a.csv");
        (changed!.Size, changed.Modified).ShouldBe((info.Size, info.Modified));
        changed.ETag.ShouldNotBe(info.ETag);
        (await store.Objects.ReplaceAsync("landing/flights/a.csv", ObjectText.Of("three"), info.ETag)).ShouldBeNull();
    }

    [Fact]
    public async Task Put_BelowAnObjectOrAboveOthers_IsRefused()
    {
        await store.Objects.PutAsync("data/a/b", ObjectText.Of("x"));
        (await Should.ThrowAsync<RequestException>(() => store.Objects.PutAsync("data/a", ObjectText.Of("y")))).Message.ShouldBe("object key 'data/a' cannot be used: other objects lie below it.");
        (await Should.ThrowAsync<RequestException>(() => store.Objects.PutIfAbsentAsync("data/a/b/c", ObjectText.Of("y")))).Message
            .ShouldBe("object key 'data/a/b/c' cannot be used: one of the names on its way is an object itself.");
        (await store.Objects.HeadAsync("data/a")).ShouldBeNull();
        (await store.Objects.OpenReadAsync("data/a")).ShouldBeNull();
        (await store.Objects.OpenReadAsync("data/a/b/c")).ShouldBeNull();
        (await store.Objects.DeleteAsync("data/a")).ShouldBeFalse();
        (await store.Objects.KeysAsync("data/")).ShouldBe(["data/a/b"]);
    }

    [Fact]
    public async Task List_FilesThatAreNoObjects_AreLeftOut()
    {
        await store.Objects.PutAsync("data/a", ObjectText.Of("x"));
        File.WriteAllText(Path.Combine(store.Folder, "objects/data/ends-with-dot."), "x");
        Directory.CreateDirectory(Path.Combine(store.Folder, "objects/data/empty"));
        (await store.Objects.KeysAsync("data/")).ShouldBe(["data/a"]);
    }

    [Fact]
    public async Task Open_LeftoversOfADeadProcess_AreSweptAndThoseOfALivingOneAreNot()
    {
        await store.Objects.PutAsync("data/a", ObjectText.Of("x"));
        var temporary = Path.Combine(store.Folder, "tmp");
        var living = Directory.GetDirectories(temporary).ShouldHaveSingleItem();
        File.WriteAllText(Path.Combine(living, "half"), "written");
        Directory.CreateDirectory(Path.Combine(temporary, "dead"));
        File.WriteAllText(Path.Combine(temporary, "dead", "half"), "written");
        File.WriteAllText(Path.Combine(temporary, "dead.lock"), "");

        using (var other = new LocalStore(folder: store.Folder)) await other.Objects.PutAsync("data/b", ObjectText.Of("y"));

        Directory.Exists(Path.Combine(temporary, "dead")).ShouldBeFalse();
        File.Exists(Path.Combine(temporary, "dead.lock")).ShouldBeFalse();
        File.Exists(Path.Combine(living, "half")).ShouldBeTrue();
        Directory.GetFileSystemEntries(temporary).Order().ShouldBe([living, living + ".lock"]);
    }

    [Fact]
    public async Task OpenRead_WhileReplaced_GivesTheOldBytes()
    {
        await store.Objects.PutAsync("data/a", ObjectText.Of("one"));
        await using var stream = await store.Objects.OpenReadAsync("data/a");
        await store.Objects.PutAsync("data/a", ObjectText.Of("two"));
        using var reader = new StreamReader(stream!);
        (await reader.ReadToEndAsync()).ShouldBe("one");
    }

    public void Dispose() => store.Dispose();
}
