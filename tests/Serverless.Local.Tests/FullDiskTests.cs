using System.ComponentModel;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Local.Tests;

/// <summary>A disk that really is full: a small file system in memory, where this user may mount one.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const int Megabytes = 4;

    private readonly TempFolder folder = new();
    private string? unavailable = "mounting a small file system needs Linux and root";

    private string Mounted => folder["full"];

    public async Task InitializeAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return;
        Directory.CreateDirectory(Mounted);
        try
        {
            var mount = await Command.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={Megabytes}m", "serverless-test", Mounted]);
            unavailable = mount.ExitCode == 0 ? null : $"a small file system could not be mounted: {mount.Errors.Trim()}";
        }
        catch (Win32Exception e)
        {
            unavailable = $"a small file system could not be mounted: {e.Message}";
        }
    }

    public async Task DisposeAsync()
    {
        if (unavailable is null) await Command.RunAsync("umount", [Mounted]);
        folder.Dispose();
    }

    [SkippableFact]
    public async Task Put_MoreThanFits_SaysSoAndLeavesNothing()
    {
        Skip.If(unavailable is not null, unavailable);
        using var store = new LocalStore(folder: Path.Combine(Mounted, "store"));
        await store.Objects.PutAsync("data/small", ObjectText.Of("before"));

        foreach (var put in new Func<Task>[]
        {
            () => store.Objects.PutIfAbsentAsync("data/large", new OneWayStream(new byte[(Megabytes + 1) << 20])),
            () => store.Objects.PutAsync("data/small", new OneWayStream(new byte[(Megabytes + 1) << 20])),
        })
        {
            var problem = await Should.ThrowAsync<EnvironmentException>(put);
            problem.Message.ShouldStartWith($"the disk of the store '{Mounted}/store' is full: could not write 'data/");
            problem.Message.ShouldEndWith("Nothing half-written is visible. Free some space (or raise the quota) and repeat.");
        }

        (await store.Objects.KeysAsync("data/")).ShouldBe(["data/small"]);
        (await store.Objects.ReadTextAsync("data/small")).ShouldBe("before");
        Directory.GetFiles(Path.Combine(Mounted, "store", "tmp"), "*", SearchOption.AllDirectories).ShouldAllBe(f => f.EndsWith(".lock", StringComparison.Ordinal));
        (await store.Objects.PutIfAbsentAsync("data/large", new OneWayStream(new byte[1 << 20]))).ShouldNotBeNull();
    }

    [SkippableFact]
    public async Task Records_UntilFull_SaySoAndKeepWhatWasAcknowledged()
    {
        Skip.If(unavailable is not null, unavailable);
        var root = Path.Combine(Mounted, "store");
        var written = 0;
        using (var store = new LocalStore(folder: root))
        {
            var json = new string('x', 50_000);
            var problem = await Should.ThrowAsync<EnvironmentException>(async () =>
            {
                while (true)
                {
                    await store.Records.InsertAsync(StoreNames.Tables.Runs, "p", $"{written:d5}", json);
                    written++;
                }
            });
            problem.Message.ShouldContain("Free some space");
            written.ShouldBeGreaterThan(5);
            (await store.Records.GetAsync(StoreNames.Tables.Runs, "p", $"{written:d5}")).ShouldBeNull();
            await Should.ThrowAsync<EnvironmentException>(() => FillAsync(store));
        }

        using var again = new LocalStore(folder: root);
        for (var i = 0; i < written; i++) (await again.Records.GetAsync(StoreNames.Tables.Runs, "p", $"{i:d5}")).ShouldNotBeNull();
    }

    private static async Task FillAsync(LocalStore store)
    {
        for (var i = 0; i < 100; i++) await store.Queue.EnqueueAsync(StoreNames.Queues.Work, new string('x', QueueRule.MaxBodyBytes));
    }
}
