using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Registry;

namespace Serverless.Cli.Commands;

/// <summary><c>models verify M [V]</c>: whether the files of versions are those that were signed.</summary>
internal static class ModelsVerifyCommand
{
    private sealed record Verdict(string Model, int Version, bool Good, string? Key, string? Problem);

    public static CommandSpec Create()
    {
        var model = new Argument<string?>("MODEL") { Description = "Name of the model. Default: all.", Arity = ArgumentArity.ZeroOrOne };
        var version = new Argument<int?>("VERSION") { Description = "Number of the version. Default: all.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Check that the files of versions are those that were signed, by a key that is trusted.") { model, version };
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var registry = open.Get<IModelRegistry>();
            var name = context.Parsed.GetValue(model);
            if (name is not null) await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var verdicts = new List<Verdict>();
            foreach (var m in name is null ? await registry.ModelsAsync(context.Cancel) : [name])
            {
                var numbers = context.Parsed.GetValue(version) is { } one ? [one] : await NumbersAsync(registry, m, context.Cancel);
                foreach (var number in numbers) verdicts.Add(await JudgeAsync(registry, m, number, context.Cancel));
            }

            context.Output.Answer(new { versions = verdicts }, screen =>
            {
                if (verdicts.Count == 0) screen.Line("There are no versions.");
                foreach (var v in verdicts) screen.Line($"{v.Model} version {v.Version}: {(v.Good ? v.Key is null ? "not signed; taken because signing: says warn" : $"good, signed by {v.Key[..12]}..." : v.Problem)}");
            });
            return verdicts.All(v => v.Good) ? ExitCode.Done : ExitCode.No;
        })
        {
            Examples = ["serverless-ml models verify", "serverless-ml models verify flight-delay 3"],
        };
    }

    // A version whose record cannot be read is one that is not good.
    private static async Task<IEnumerable<int>> NumbersAsync(IModelRegistry registry, string model, CancellationToken cancel)
    {
        var list = await registry.ListAsync(model, cancel);
        return list.Versions.Select(v => v.Version).Concat(list.Unreadable.Select(u => u.Version).OfType<int>()).Order();
    }

    private static async Task<Verdict> JudgeAsync(IModelRegistry registry, string model, int version, CancellationToken cancel)
    {
        try
        {
            return new Verdict(model, version, true, await registry.VerifyAsync(model, version, cancel), null);
        }
        catch (Exception e) when (e is DataException or EnvironmentException)
        {
            return new Verdict(model, version, false, null, e.Message);
        }
    }
}
