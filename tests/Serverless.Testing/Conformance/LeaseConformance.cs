using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Storage;
using Shouldly;
using Xunit;

namespace Serverless.Testing.Conformance;

/// <summary>What leases do on every record store.</summary>
public abstract class LeaseConformance
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly string name = "n-" + IdSource.System.Next(10);
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));

    protected abstract IRecordStore Store { get; }

    [SkippableFact]
    public async Task TryAcquire_Free_OthersAreRefusedUntilReleased()
    {
        var (a, b) = (Holder(), Holder());
        var lease = await a.TryAcquireAsync("train", name, Minute);
        lease.ShouldNotBeNull();
        lease.Expires.ShouldBe(time.GetUtcNow() + Minute);
        (await b.TryAcquireAsync("train", name, Minute)).ShouldBeNull();
        (await a.TryAcquireAsync("train", name, Minute)).ShouldBeNull();
        (await b.TryAcquireAsync("train", name + "-other", Minute)).ShouldNotBeNull();
        await a.ReleaseAsync(lease);
        var next = await b.TryAcquireAsync("train", name, Minute);
        next.ShouldNotBeNull();
        next.Token.ShouldBeGreaterThan(lease.Token);
        next.Holder.ShouldNotBe(lease.Holder);
    }

    [SkippableFact]
    public async Task TryAcquire_Expired_PassesOnAndTheOldHolderHasLostIt()
    {
        var (a, b) = (Holder(), Holder());
        var old = (await a.TryAcquireAsync("train", name, Minute))!;
        time.Advance(Minute);
        var lease = await b.TryAcquireAsync("train", name, Minute);
        lease.ShouldNotBeNull();
        lease.Token.ShouldBeGreaterThan(old.Token);
        (await a.RenewAsync(old, Minute)).ShouldBeNull();
        await a.ReleaseAsync(old);
        (await a.TryAcquireAsync("train", name, Minute)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Renew_Held_MovesTheExpiryAndKeepsTheToken()
    {
        var (a, b) = (Holder(), Holder());
        var lease = (await a.TryAcquireAsync("train", name, Minute))!;
        time.Advance(Minute / 2);
        var renewed = await a.RenewAsync(lease, Minute);
        renewed.ShouldNotBeNull();
        (renewed.Token, renewed.Expires).ShouldBe((lease.Token, time.GetUtcNow() + Minute));
        time.Advance(Minute * 0.75);
        (await b.TryAcquireAsync("train", name, Minute)).ShouldBeNull();
        (await a.RenewAsync(lease, Minute)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Renew_ExpiredButUntaken_IsStillTheHolders()
    {
        var (a, b) = (Holder(), Holder());
        var lease = (await a.TryAcquireAsync("train", name, Minute))!;
        time.Advance(Minute * 2);
        (await a.RenewAsync(lease, Minute)).ShouldNotBeNull();
        (await b.TryAcquireAsync("train", name, Minute)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task TryAcquire_EightAtOnce_ExactlyOneHolds()
    {
        for (var round = 1; round <= 5; round++)
        {
            var got = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Holder().TryAcquireAsync("train", name, Minute))));
            var lease = got.Where(l => l is not null).ShouldHaveSingleItem()!;
            lease.Token.ShouldBe(round);
            time.Advance(Minute);
        }
    }

    private ILeases Holder() => new ServiceCollection()
        .AddSingleton(Store).AddSingleton<TimeProvider>(time).AddSingleton(IdSource.System).AddStorage()
        .BuildServiceProvider().GetRequiredService<ILeases>();
}
