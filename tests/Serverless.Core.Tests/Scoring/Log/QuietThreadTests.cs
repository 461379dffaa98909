using System.Globalization;
using Serverless.Scoring;

namespace Serverless.Core.Tests.Scoring.Log;

public sealed class QuietThreadTests
{
    [Fact]
    public async Task Run_Work_IsDoneInOrderOnOneThreadOfItsOwn()
    {
        var seen = new List<(int Number, int Thread, bool Pool)>();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => QuietThread.Shared.RunAsync(async () =>
        {
            await Task.CompletedTask;
            seen.Add((i, Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread));
        })));
        seen.Select(s => s.Number).ShouldBe(Enumerable.Range(0, 20));
        seen.Select(s => s.Thread).Distinct().Count().ShouldBe(1);
        seen.ShouldAllBe(s => !s.Pool);
    }

    [SkippableFact]
    public async Task Run_OnLinux_StandsBackForOtherThreads()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux tells the nice value of a thread");
        string? stat = null;
        await QuietThread.Shared.RunAsync(async () => stat = await File.ReadAllTextAsync("/proc/thread-self/stat"));
        // After the name in parentheses, the 17th field is the nice value (proc(5)).
        var nice = int.Parse(stat![(stat!.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
        var own = int.Parse((await File.ReadAllTextAsync("/proc/self/stat")) is var self ? self[(self.LastIndexOf(')') + 2)..].Split(' ')[16] : "", CultureInfo.InvariantCulture);
        nice.ShouldBeGreaterThan(own);
    }

    [Fact]
    public async Task Run_WorkThatThrows_ThrowsToWhoAskedAndGoesOn()
    {
        await Should.ThrowAsync<IOException>(() => QuietThread.Shared.RunAsync(() => throw new IOException("no")));
        await Should.ThrowAsync<OperationCanceledException>(() => QuietThread.Shared.RunAsync(() => throw new OperationCanceledException()));
        var done = false;
        await QuietThread.Shared.RunAsync(() =>
        {
            done = true;
            return Task.CompletedTask;
        });
        done.ShouldBeTrue();
    }
}
