using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using Serverless.Core.Tests.Alerts;
using Serverless.Core.Tests.Rollouts;
using Serverless.Core.Tests.Workspaces;
using Serverless.FeatureManagement;
using Serverless.Rollouts;
using Serverless.Switches;

namespace Serverless.Core.Tests.FeatureManagement;

public sealed class FlagSwitchesTests : IDisposable
{
    private const string Model = "flight-delay", Dataset = "flights";

    private readonly WorkspaceFolder folder = new();
    private readonly MemoryFlags flags = new();
    private readonly RecordedLog logged = new();
    private readonly ServiceProvider services;

    public FlagSwitchesTests() => services = Host().AddSwitches().BuildServiceProvider();

    private ISwitches Switches => services.GetRequiredService<ISwitches>();

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task IsOn_NoFlag_EverythingIsOn()
    {
        await SeeAsync("switch-retraining", null);
        SwitchedParts.All.ShouldAllBe(p => Switches.IsOn(p.Name, Model) && Switches.IsOn(p.Name, Dataset));
    }

    [Fact]
    public async Task IsOn_FlagOffAndOnAgain_FollowsAtTheNextLook()
    {
        await SeeAsync("switch-retraining", """{"enabled":false}""");
        Switches.IsOn(SwitchedParts.Retraining, Model).ShouldBeFalse();
        Switches.IsOn(SwitchedParts.Batches, Model).ShouldBeTrue();

        await SeeAsync("switch-retraining", """{"enabled":true}""");
        Switches.IsOn(SwitchedParts.Retraining, Model).ShouldBeTrue();

        await SeeAsync("switch-retraining", """{"enabled":false}""");
        await SeeAsync("switch-retraining", null);
        Switches.IsOn(SwitchedParts.Retraining, Model).ShouldBeTrue();
    }

    [Fact]
    public async Task IsOn_TargetedByName_IsOffForTheOthersOnly()
    {
        await SeeAsync("switch-pulls", """{"enabled":true,"conditions":{"client_filters":[{"name":"Microsoft.Targeting","parameters":{"Audience":{"Users":["flights"],"DefaultRolloutPercentage":0}}}]}}""");
        Switches.IsOn(SwitchedParts.Pulls, Dataset).ShouldBeTrue();
        Switches.IsOn(SwitchedParts.Pulls, Model).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Sat, 01 Jan 2000 00:00:00 GMT", true)]
    [InlineData("Tue, 01 Jan 2999 00:00:00 GMT", false)]
    public async Task IsOn_TimeWindow_IsThatOfTheLibrary(string start, bool on)
    {
        await SeeAsync("switch-batches", $$$"""{"enabled":true,"conditions":{"client_filters":[{"name":"Microsoft.TimeWindow","parameters":{"Start":"{{{start}}}"}}]}}""");
        Switches.IsOn(SwitchedParts.Batches, Model).ShouldBe(on);
    }

    [Fact]
    public async Task IsOn_FilterThatNobodyKnows_HoldsWhatTheFlagSaidLastAndSaysItOnce()
    {
        await SeeAsync("switch-retraining", """{"enabled":false}""");
        for (var i = 0; i < 2; i++) await SeeAsync("switch-retraining", """{"enabled":true,"conditions":{"client_filters":[{"name":"Moon.Phase"}]}}""");
        Switches.IsOn(SwitchedParts.Retraining, Model).ShouldBeFalse();
        logged.Lines.Where(l => l.Event is 7211 or 7212).ShouldHaveSingleItem().Text.ShouldBe("Flag 'switch-retraining' cannot be evaluated; what it said last holds");
    }

    [Fact]
    public async Task Seen_SwitchOfNoPart_IsSaidOnceWithAHint()
    {
        for (var i = 0; i < 2; i++) await SeeAsync("switch-retrainig", """{"enabled":false}""");
        logged.Lines.Where(l => l.Event is 7211 or 7212).ShouldHaveSingleItem().Text.ShouldBe("Flag 'switch-retrainig' switches nothing; did you mean 'retraining'?");
        Switches.IsOn(SwitchedParts.Retraining, Model).ShouldBeTrue();
    }

    [Fact]
    public async Task VariantFeatureManager_FlagOfARollout_GivesEachSubjectTheVariantThatServingGives()
    {
        var flag = new Flag
        {
            Id = "rollout-flight-delay", Variants = [new("champion", 1), new("challenger", 2)], DefaultWhenEnabled = "champion", DefaultWhenDisabled = "champion",
            Percentiles = [new("challenger", 0, 7.5), new("champion", 7.5, 100)], Seed = "flight-delay-r3",
        };
        var hosted = Host();
        hosted.AddFlags();
        await using var host = hosted.BuildServiceProvider();
        await SeeAsync(flag.Id, FlagFile.Write(flag).ToJsonString(), host);
        var plan = AllocationPlan.Compile(flag);
        var manager = host.GetRequiredService<IVariantFeatureManager>();
        var challenged = 0;
        for (var i = 0; i < 2000; i++)
        {
            var variant = await manager.GetVariantAsync(flag.Id, new TargetingContext { UserId = $"customer-{i}", Groups = [] });
            variant.Name.ShouldBe(plan.Variants[plan.Assign($"customer-{i}", []).Variant].Name);
            if (variant.Name == "challenger") challenged++;
        }

        challenged.ShouldBeInRange(100, 200); // 150 expected; five standard deviations are 59
    }

    [Fact]
    public async Task IsOn_FilterThatTheHostAdded_Counts()
    {
        var hosted = Host();
        hosted.AddFlags().AddFeatureFilter<Never>();
        await using var host = hosted.BuildServiceProvider();
        await SeeAsync("switch-batches", """{"enabled":true,"conditions":{"client_filters":[{"name":"Never"}]}}""", host);
        host.GetRequiredService<ISwitches>().IsOn(SwitchedParts.Batches, Model).ShouldBeFalse();
        logged.Lines.ShouldNotContain(l => l.Event == 7212);
    }

    private IServiceCollection Host() => new ServiceCollection().AddSingleton(folder.Load()).AddSingleton(TimeProvider.System).AddLogging(l => l.AddProvider(logged));

    private async Task SeeAsync(string id, string? json, IServiceProvider? host = null)
    {
        var flag = json is null ? null : JsonNode.Parse(json)!.AsObject();
        if (flag is not null) flag["id"] = id;
        await flags.UpdateAsync(id, _ => flag);
        var set = (await flags.ReadAsync(null))!;
        foreach (var listener in (host ?? services).GetServices<IFlagsListener>()) await listener.SeenAsync(set);
    }

    [FilterAlias("Never")]
    private sealed class Never : IFeatureFilter
    {
        public Task<bool> EvaluateAsync(FeatureFilterEvaluationContext context) => Task.FromResult(false);
    }
}
