using System.Globalization;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class AKilledApprovalLosesNothing
{
    // kill -9 in three moments: the decision stands and the audit lacks it; the audit has it and the champion was not moved; the champion was moved and the audit lacks that.
    [SkippableFact]
    public async Task Approve_KilledBetweenItsWrites_StandsInTheAuditOnceAndIsFinishedByTheSamePerson()
    {
        Skip.If(OperatingSystem.IsWindows(), "processes are killed with SIGKILL");
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model + "\napproval: human\n");
        await Cli.DoneAsync(folder.Path, "train", "late");
        await Cli.DoneAsync(folder.Path, "models", "approve", "late", "1", "--comment", "the first");
        var me = (await AuditAsync(folder)).Last(a => a.Action == "approved").By;

        foreach (var (table, version) in new[] { ("versions", 2), ("audit", 3), ("aliases", 4) })
        {
            await Cli.DoneAsync(folder.Path, "train", "late");
            var number = version.ToString(CultureInfo.InvariantCulture);
            using (var victim = CliProcess.StartProgram("Serverless.CrashHost.dll", folder.Path, "approve", folder.Path, "late", number, me, table))
            {
                (await victim.ExitAsync()).ShouldBe(137, $"killed at {table}: {victim.Error}");
            }

            var moved = table == "aliases";
            (await ChampionAsync(folder)).ShouldBe(moved ? version : version - 1, $"killed at {table}");
            (await AuditAsync(folder)).Where(a => a.Version == version).Select(a => a.Action).ShouldBe(
                moved ? ["registered", "awaiting-approval", "approved", "promoted"] : ["registered", "awaiting-approval", "approved"], $"killed at {table}: looking at the audit completes it");

            var other = await Cli.RunAsync(folder.Path, "models", "reject", "late", number, "--comment", "too late");
            other.Code.ShouldBe(ExitCode.No);
            other.Error.ShouldContain($"version {number} of model 'late' was decided already: approved by {me}");

            var again = await Cli.RunAsync(folder.Path, "models", "approve", "late", number, "--comment", "looks right");
            again.Code.ShouldBe(moved ? ExitCode.No : ExitCode.Done, again.Error);
            (await ChampionAsync(folder)).ShouldBe(version, $"killed at {table}");
            (await AuditAsync(folder)).Where(a => a.Version == version).Select(a => a.Action).ShouldBe(["registered", "awaiting-approval", "approved", "promoted"], $"killed at {table}");
        }
    }

    private static async Task<int> ChampionAsync(Testing.TempFolder folder) => (await Cli.DoneAsync(folder.Path, "models", "show", "late", "--json")).Json.GetProperty("models")[0].GetProperty("champion").GetInt32();

    private static async Task<(string Action, int Version, string By)[]> AuditAsync(Testing.TempFolder folder) =>
    [
        .. (await Cli.DoneAsync(folder.Path, "models", "audit", "late", "--json")).Json.GetProperty("audit").EnumerateArray()
            .Select(a => (a.GetProperty("action").GetString()!, a.GetProperty("version").GetInt32(), a.GetProperty("by").GetString()!)),
    ];
}
