using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;

namespace Serverless.Azure.Tests;

public sealed class RequestLimitingSamplerTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void ShouldSample_Requests_OnlyTheFirstOfEachSecond()
    {
        var sampler = new RequestLimitingSampler(5, time);
        Kept(sampler, ActivityKind.Server, 100).ShouldBe(5);
        time.Advance(TimeSpan.FromSeconds(1));
        Kept(sampler, ActivityKind.Server, 100).ShouldBe(5);
    }

    [Fact]
    public void ShouldSample_OwnWork_Always() => Kept(new RequestLimitingSampler(5, time), ActivityKind.Internal, 100).ShouldBe(100);

    [Fact]
    public void ShouldSample_ChildOfThisProcess_AsItsParent()
    {
        var sampler = new RequestLimitingSampler(0, time);
        Decide(sampler, ActivityKind.Server, Parent(ActivityTraceFlags.Recorded, isRemote: false)).ShouldBe(SamplingDecision.RecordAndSample);
        Decide(sampler, ActivityKind.Client, Parent(ActivityTraceFlags.None, isRemote: false)).ShouldBe(SamplingDecision.Drop);
        // A caller elsewhere does not decide what we pay for.
        Decide(sampler, ActivityKind.Server, Parent(ActivityTraceFlags.Recorded, isRemote: true)).ShouldBe(SamplingDecision.Drop);
    }

    private static int Kept(RequestLimitingSampler sampler, ActivityKind kind, int count) =>
        Enumerable.Range(0, count).Count(_ => Decide(sampler, kind, default) == SamplingDecision.RecordAndSample);

    private static SamplingDecision Decide(RequestLimitingSampler sampler, ActivityKind kind, ActivityContext parent) =>
        sampler.ShouldSample(new SamplingParameters(parent, ActivityTraceId.CreateRandom(), "a", kind)).Decision;

    private static ActivityContext Parent(ActivityTraceFlags flags, bool isRemote) => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: isRemote);
}
