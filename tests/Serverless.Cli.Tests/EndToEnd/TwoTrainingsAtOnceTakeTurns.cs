using Microsoft.Extensions.DependencyInjection;
using Serverless.Cli.Hosting;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Cli.Tests.EndToEnd;

public sealed class TwoTrainingsAtOnceTakeTurns
{
    [Fact]
    public async Task Train_InTwoProcesses_EachWaitsForTheRightToTrainAndNoneIsLost()
    {
        using var folder = await SmallWorkspace.WithDataAsync();
        var services = new ServiceCollection().AddLogging();
        Composition.Add(services, WorkspaceLoader.Load(folder.Path), Parts.All);
        await using var third = services.BuildServiceProvider();
        var leases = third.GetRequiredService<ILeases>();
        var lease = (await leases.TryAcquireAsync("train", "late", TimeSpan.FromMinutes(10))).ShouldNotBeNull();

        using var first = CliProcess.Start(folder.Path, "train", "late", "--json");
        using var second = CliProcess.Start(folder.Path, "train", "late", "--json");
        await Eventually.TrueAsync(async () => (await RunsAsync(folder)).Count(r => r == "running another training of 'late' is running") == 2, () => first.Error + second.Error);
        (await Cli.DoneAsync(folder.Path, "models", "--json")).Json.GetProperty("models")[0].GetProperty("versions").GetInt32().ShouldBe(0);

        await leases.ReleaseAsync(lease);
        (await first.ExitAsync()).ShouldBe(ExitCode.Done, first.Error);
        (await second.ExitAsync()).ShouldBe(ExitCode.Done, second.Error);

        var model = (await Cli.DoneAsync(folder.Path, "models", "show", "late", "--json")).Json.GetProperty("models")[0];
        (model.GetProperty("versions").GetArrayLength(), model.GetProperty("champion").GetInt32()).ShouldBe((2, 2));
        // The later one compared with what the earlier one had made champion.
        (await Cli.DoneAsync(folder.Path, "models", "audit", "late", "--json")).Json.GetProperty("audit").EnumerateArray().Where(a => a.GetProperty("action").GetString() == "promoted")
            .Select(a => (a.TryGetProperty("from", out var from) ? from.GetInt32() : 0, a.GetProperty("version").GetInt32())).ShouldBe([(0, 1), (1, 2)]);
        (await RunsAsync(folder)).ShouldBe(["done ", "done "]);
    }

    private static async Task<IReadOnlyList<string>> RunsAsync(Testing.TempFolder folder) =>
    [
        .. (await Cli.DoneAsync(folder.Path, "runs", "late", "--json")).Json.GetProperty("runs").EnumerateArray()
            .Select(r => $"{r.GetProperty("status").GetString()} {(r.TryGetProperty("reason", out var reason) ? reason.GetString() : "")}"),
    ];
}
