using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using Serverless.Problems;
using Serverless.Rollouts;

namespace Serverless.Core.Tests.Rollouts;

public sealed class AllocationPlanTests
{
    private static readonly Flag Canary = Split([("challenger", 2), ("champion", 98)]);

    // Microsoft.FeatureManagement reads the same JSON and evaluates it itself.
    [Theory]
    [InlineData("flight-delay-r7", 20, 80)]
    [InlineData("prix-é\n-r1", 33.3, 66.7)]
    [InlineData(null, 0.1, 99.9)]
    public async Task Assign_ManySubjects_IsWhatMicrosoftFeatureManagementAllocates(string? seed, double first, double second)
    {
        var flag = Split([("challenger", first), ("champion", second)]) with
        {
            Seed = seed, Users = [new("challenger", ["u3", "Zoë"]), new("champion", ["u3", "u4"])], Groups = [new("challenger", ["beta"]), new("champion", ["staff", "beta"])],
        };
        var plan = AllocationPlan.Compile(FlagFile.Read((JsonObject)JsonNode.Parse(FlagFile.Write(flag).ToJsonString())!));
        await using var services = Microsoft(flag);
        var manager = services.GetRequiredService<IVariantFeatureManager>();
        foreach (var subject in Enumerable.Range(0, 2000).Select(i => $"u{i}").Concat(["Zoë", "zoë", "\ud83d\ude00 x", "", "a\nb", new string('x', 900)]))
        {
            string[] groups = subject.Length % 3 == 0 ? ["guest", "staff"] : subject.Length % 3 == 1 ? ["beta"] : [];
            var expected = await manager.GetVariantAsync(flag.Id, new TargetingContext { UserId = subject, Groups = groups });
            plan.Variants[plan.Assign(subject, groups).Variant].Name.ShouldBe(expected.Name, subject);
        }
    }

    [Fact]
    public async Task Assign_FlagSwitchedOff_IsTheDefaultOfMicrosoftFeatureManagement()
    {
        var flag = Canary with { Enabled = false };
        await using var services = Microsoft(flag);
        var expected = await services.GetRequiredService<IVariantFeatureManager>().GetVariantAsync(flag.Id, new TargetingContext { UserId = "u1", Groups = [] });

        var assigned = AllocationPlan.Compile(flag).Assign("u1");

        (Canary.Variants[assigned.Variant].Name, assigned.Reason).ShouldBe((expected.Name, AssignmentReason.Off));
    }

    [Fact]
    public void Assign_ManyTimes_AllocatesNothing()
    {
        var plan = AllocationPlan.Compile(Canary with { Users = [new("challenger", ["u1"])], Groups = [new("challenger", ["beta"])] });
        string[] subjects = ["u1", "u2", new('ü', 200)], groups = ["guest", "beta"];
        for (var i = 0; i < 1000; i++) plan.Assign(subjects[i % 3], groups);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) plan.Assign(subjects[i % 3], i % 2 == 0 ? groups : null);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Assign_GrowingShare_KeepsWhoeverHasTheChallenger()
    {
        var before = new HashSet<string>();
        foreach (var percent in new[] { 2.0, 3, 10, 50, 100 })
        {
            var plan = AllocationPlan.Compile(Split([("challenger", percent), ("champion", 100 - percent)]));
            var now = Enumerable.Range(0, 5000).Select(i => $"s{i}").Where(s => plan.Assign(s).Variant == 0).ToHashSet();
            now.IsSupersetOf(before).ShouldBeTrue();
            // A binomial share of 5,000 lies within five standard deviations.
            now.Count.ShouldBeInRange((int)((50 * percent) - (5 * Math.Sqrt(5000 * percent / 100 * (1 - (percent / 100))))), (int)((50 * percent) + 1 + (5 * Math.Sqrt(5000 * percent / 100 * (1 - (percent / 100))))));
            before = now;
        }
    }

    [Fact]
    public void Assign_TwoRollouts_DoNotInfluenceEachOther()
    {
        var (one, two) = (AllocationPlan.Compile(Split([("challenger", 50), ("champion", 50)]) with { Seed = "a-r1" }), AllocationPlan.Compile(Split([("challenger", 50), ("champion", 50)]) with { Seed = "b-r1" }));
        var both = Enumerable.Range(0, 20_000).Select(i => $"s{i}").Count(s => one.Assign(s).Variant == 0 && two.Assign(s).Variant == 0);

        // Independent: a quarter, within five standard deviations of a binomial.
        ((double)both).ShouldBe(5000, 5 * Math.Sqrt(20_000 * 0.25 * 0.75));
    }

    [Fact]
    public void Hash_OfASubject_BeginsAsItsSha256Does() =>
        AllocationPlan.Compile(Canary).Assign("customer-17").Hash.ToString("x16").ShouldBe(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("customer-17\nflight-delay-r7"u8))[..16]);

    [Theory]
    [InlineData(0, 2, 3, 100, "leave a gap at 2; they add up to 99")]
    [InlineData(0, 60, 50, 100, "overlap at 50; they add up to 110")]
    [InlineData(0, 2, 2, 99, "the shares add up to 99, not to 100")]
    [InlineData(0, 2, 2, 101, "the share of 'champion' from 2 to 101 is none")]
    public void Compile_SharesThatAreNot100_IsRefused(double a, double b, double c, double d, string expected)
    {
        var flag = Canary with { Percentiles = [new("challenger", a, b), new("champion", c, d)] };

        Should.Throw<DataException>(() => AllocationPlan.Compile(flag)).Message.ShouldContain(expected);
    }

    [Fact]
    public void Compile_VariantThatDoesNotExist_IsRefusedWithAHint()
    {
        var flag = Canary with { Percentiles = [new("chalenger", 0, 2), new("champion", 2, 100)] };

        Should.Throw<DataException>(() => AllocationPlan.Compile(flag)).Message.ShouldBe("flag 'rollout-flight-delay': it names a variant 'chalenger' that it does not have. Did you mean 'challenger'?");
    }

    private static Flag Split((string Name, double Percent)[] parts)
    {
        var ranges = new List<PercentileRange>();
        foreach (var (name, percent) in parts) ranges.Add(new PercentileRange(name, ranges.Count == 0 ? 0 : ranges[^1].To, ranges.Count == parts.Length - 1 ? 100 : percent));
        return new Flag
        {
            Id = "rollout-flight-delay", Variants = [.. parts.Select((p, i) => new FlagVariant(p.Name, i + 1))], DefaultWhenEnabled = "champion", DefaultWhenDisabled = "champion",
            Percentiles = ranges, Seed = "flight-delay-r7", Metadata = new Dictionary<string, string> { ["rollout"] = "flight-delay-r7" },
        };
    }

    private static ServiceProvider Microsoft(Flag flag)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(FlagFile.Write([FlagFile.Write(flag)]))).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddFeatureManagement();
        return services.BuildServiceProvider();
    }
}
