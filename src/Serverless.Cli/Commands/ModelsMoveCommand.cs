using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Registry;

namespace Serverless.Cli.Commands;

/// <summary><c>models promote|approve|reject|rollback M [V] --comment T</c>: who decided, and why, goes into the audit.</summary>
internal static class ModelsMoveCommand
{
    private delegate Task<AuditEntry> Move(IModelRegistry registry, string model, int version, string by, string comment, ExpectedChampion? expected, CancellationToken cancel);

    public static IEnumerable<CommandSpec> CreateAll() =>
    [
        Create("promote", "Make a version champion. Without VERSION: the newest that may be.",
            versions => versions.LastOrDefault(v => v.Status == VersionStatus.Registered), (r, m, v, by, c, e, t) => r.PromoteAsync(m, v, by, c, e, t), moves: true),
        Create("approve", "Let a version that waits become champion. Without VERSION: the one that waits.", Waiting, (r, m, v, by, c, e, t) => r.ApproveAsync(m, v, by, c, e, t), moves: true),
        Create("reject", "Refuse a version that waits, for good. Without VERSION: the one that waits.", Waiting, (r, m, v, by, c, _, t) => r.RejectAsync(m, v, by, c, t), moves: false),
        RollBack(),
    ];

    private static CommandSpec Create(string name, string description, Func<IReadOnlyList<ModelVersion>, ModelVersion?> choose, Move move, bool moves)
    {
        var (model, version, comment) = Symbols();
        var expect = Expect();
        var command = new Command(name, description) { model, version, comment };
        if (moves) command.Add(expect);
        return new CommandSpec(command, context => RunAsync(context, model, comment, async (open, m, by, why) =>
        {
            var registry = open.Get<IModelRegistry>();
            var chosen = context.Parsed.GetValue(version)
                ?? choose((await registry.ListAsync(m, context.Cancel)).Versions)?.Version
                ?? throw new RequestException($"model '{m}' has no version to {name}. 'serverless-ml models show {m}' lists what it has.");
            return await move(registry, m, chosen, by, why, moves ? Expected(context, expect) : null, context.Cancel);
        }))
        {
            Examples =
            [
                $"serverless-ml models {name} flight-delay 3 --comment \"{(name == "reject" ? "too slow" : "agreed with operations")}\"",
                .. moves ? [$"serverless-ml models {name} flight-delay 3 --expect 2 --comment \"better than 2\""] : Array.Empty<string>(),
            ],
        };
    }

    private static CommandSpec RollBack()
    {
        var (model, version, comment) = Symbols();
        version.Description = "Go back to this version. Default: the champion before the present one.";
        var expect = Expect();
        var command = new Command("rollback", "Make the champion before the present one champion again.") { model, version, comment, expect };
        return new CommandSpec(command, context => RunAsync(context, model, comment, (open, m, by, why) => context.Parsed.GetValue(version) is { } to
            ? open.Get<IModelRegistry>().PromoteAsync(m, to, by, why, Expected(context, expect), context.Cancel)
            : open.Get<IModelRegistry>().RollBackAsync(m, by, why, Expected(context, expect), context.Cancel)))
        {
            Examples = ["serverless-ml models rollback flight-delay --comment \"complaints since noon\""],
        };
    }

    private static Option<int?> Expect() => new("--expect") { Description = "Only if this version is champion now; 0: only if there is none.", HelpName = "VERSION" };

    private static ExpectedChampion? Expected(CommandContext context, Option<int?> expect) => context.Parsed.GetValue(expect) is { } number ? ExpectedChampion.Of(number) : null;

    private static ModelVersion? Waiting(IReadOnlyList<ModelVersion> versions) => versions.LastOrDefault(v => v.Status == VersionStatus.AwaitingApproval);

    private static (Argument<string> Model, Argument<int?> Version, Option<string?> Comment) Symbols() =>
    (
        new Argument<string>("MODEL") { Description = "Name of the model." },
        new Argument<int?>("VERSION") { Description = "Number of the version.", Arity = ArgumentArity.ZeroOrOne },
        new Option<string?>("--comment", "-c") { Description = "Why, for the audit.", HelpName = "TEXT" }
    );

    private static async Task<int> RunAsync(CommandContext context, Argument<string> model, Option<string?> comment, Func<OpenWorkspace, string, string, string, Task<AuditEntry>> move)
    {
        var name = context.Parsed.GetRequiredValue(model);
        await using var open = context.Open(Parts.Store);
        await ModelsCommand.KnownAsync(open, name, context.Cancel);
        var entry = await move(open, name, context.By, context.Parsed.GetValue(comment) ?? "");
        var champion = await open.Get<IModelRegistry>().AliasAsync(name, Alias.Champion, context.Cancel);
        context.Output.Answer(new { models = new[] { new { model = name, champion, audit = new[] { entry } } } },
            screen => screen.Line($"{name} version {entry.Version}: {entry.Action}. Champion: {(champion is { } c ? $"version {c}" : "none")}."));
        return ExitCode.Done;
    }
}
